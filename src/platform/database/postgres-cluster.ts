import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { unavailable } from '../../model/errors.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import {
  giveTo,
  giveTreeTo,
  initdbUser,
  isRoot,
  type ProcessUser,
  serverUser,
} from './postgres-user.ts';

export const SUPERUSER = 'wharfinger';

export type PostgresPaths = {
  readonly folder: string;
  readonly cluster: string;
  readonly log: string;
  /** Names the socket folder in use, for the next start and for other commands. */
  readonly socketNote: string;
};

export function pathsIn(folder: string): PostgresPaths {
  return {
    folder,
    cluster: join(folder, 'cluster'),
    log: join(folder, 'postgres.log'),
    socketNote: join(folder, 'socket-folder'),
  };
}

export function cannotReach(folder: string, cause: unknown): Error {
  return unavailable(
    `PostgreSQL runs as a user without rights, who cannot reach ${folder}: choose a data folder ` +
      'whose parent folders others may enter, such as /var/lib/wharfinger.',
    { code: 'postgres-unreachable-folder', cause },
  );
}

function runToEnd(command: string, parameters: readonly string[], user: ProcessUser) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(command, parameters, {
      ...user,
      cwd: '/',
      env: { LC_ALL: 'C', PATH: process.env['PATH'] ?? '/usr/bin:/bin' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-4_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

/** Makes the cluster under another name first, so that a crash half way leaves no half cluster. */
export async function createCluster(
  paths: PostgresPaths,
  binaries: PostgresBinaries,
): Promise<void> {
  const unfinished = `${paths.cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const user = initdbUser();
  giveTo(unfinished, user);
  const parameters = ['-D', unfinished, '-U', SUPERUSER, '-A', 'trust', '-E', 'UTF8', '-k'];
  parameters.push('--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
  parameters.push('--no-instructions');
  const result = await runToEnd(binaries.initdb, parameters, user).catch((cause: unknown) => {
    throw isRoot()
      ? cannotReach(paths.folder, cause)
      : unavailable('PostgreSQL cannot be run from the data folder.', { cause });
  });
  if (result.code !== 0) {
    if (result.output.includes('could not look up effective user')) {
      throw unavailable(
        'PostgreSQL needs its user to have a line in /etc/passwd: add one, or name a PostgreSQL ' +
          'with --database-url.',
        { code: 'postgres-no-user' },
      );
    }
    if (isRoot() && /ermission denied|could not access directory/.test(result.output)) {
      throw cannotReach(paths.folder, result.output);
    }
    throw unavailable(`PostgreSQL could not create its files: ${lastLine(result.output)}`, {
      code: 'postgres-initdb',
      context: { exitCode: result.code },
    });
  }
  giveTreeTo(unfinished, serverUser(paths.cluster));
  renameSync(unfinished, paths.cluster);
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

export function refuseOtherMajor(paths: PostgresPaths, binaries: PostgresBinaries): void {
  const written = readFileSync(join(paths.cluster, 'PG_VERSION'), 'utf8').trim();
  const bundled = /postgresql-(\d+)/.exec(binaries.folder)?.[1];
  if (bundled !== written) {
    throw unavailable(
      `The database was written by PostgreSQL ${written}, this version brings ${bundled}: run ` +
        "'wharfinger backup' with the version before, then 'wharfinger restore' into a new folder.",
      { code: 'postgres-other-major' },
    );
  }
}
