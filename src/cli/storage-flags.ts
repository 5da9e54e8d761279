import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { StorageChoice } from '../app/offline.ts';
import { Failure, publicMessage } from '../model/errors.ts';
import { defaultDataFolder, type Environment, wrongUse } from '../platform/config.ts';
import { checkDatabaseUrl } from '../platform/database/database.ts';
import { isRoot } from '../platform/database/postgres-user.ts';
import { errorFields, processLog } from '../platform/log.ts';
import type { ExitCode, Streams } from './command.ts';

/** The flags of commands that work on a server's own data. */
export const storageFlags = {
  data: { type: 'string' },
  'database-url': { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

/** parseArgs, whose complaints become wrong use. */
export function parseFlags<T extends ParseArgsOptionsConfig>(
  parameters: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...parameters], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw wrongUse(`${(error as Error).message.split('\n')[0]?.split('. To specify')[0]}.`);
  }
}

export function storageChoice(
  flags: { readonly data?: string | undefined; readonly 'database-url'?: string | undefined },
  environment: Environment,
): StorageChoice {
  const databaseUrl =
    flags['database-url'] ??
    (environment['WHARFINGER_DATABASE_URL'] || environment['DATABASE_URL'] || undefined);
  if (databaseUrl !== undefined) checkDatabaseUrl(databaseUrl);
  const dataFolder = flags.data ?? defaultDataFolder(environment, isRoot());
  return { dataFolder, databaseUrl };
}

function systemSentence(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if ('path' in error) return `${String(error.path)} cannot be used (${String(error.code)}).`;
  return undefined;
}

/** Runs a command's work; what goes wrong becomes one sentence and an exit code. */
export async function runGuarded(
  name: string,
  { stderr }: Pick<Streams, 'stderr'>,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    const sentence = systemSentence(error);
    if (!(error instanceof Failure) && sentence === undefined) {
      processLog().error('A defect stopped the command.', errorFields(error));
    }
    stderr.write(`${sentence ?? publicMessage(error)}\n`);
    const isWrongUse = error instanceof Failure && ['usage', 'database-url'].includes(error.code);
    if (isWrongUse) stderr.write(`Run 'wharfinger help ${name}' for its use.\n`);
    return isWrongUse ? 2 : 1;
  }
}
