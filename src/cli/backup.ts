import { existsSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { type StorageChoice, withDatabase } from '../app/offline.ts';
import { wharfingerVersion } from '../app/version.ts';
import { type BackupSummary, writeBackup } from '../features/backup/backup.ts';
import { conflict, unavailable } from '../model/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { wrongUse } from '../platform/config.ts';
import { dataPaths } from '../platform/data-folder.ts';
import { processLog } from '../platform/log.ts';
import type { ExitCode, Streams } from './command.ts';
import { parseFlags, runGuarded, storageChoice, storageFlags } from './storage-flags.ts';

export const BACKUP_USAGE = `wharfinger backup FILE [--data DIR] [--database-url URL] [--with-key]

Writes everything that the database holds into one new file, as it was at one moment. The server
may go on running.

  --with-key   put the key of the stored secrets in as well; then whoever has the file can read
               them. Without it, keep that key apart: the secrets cannot be read without it

Exit code: 0 done, 1 could not, 2 wrong use.`;

function keyFileOf(choice: StorageChoice): string {
  return process.env['WHARFINGER_KEY_FILE'] || dataPaths(choice.dataFolder).keyFile;
}

function readKeyFile(path: string): string {
  if (!existsSync(path)) {
    throw unavailable(`The key file ${path} is not there: leave out --with-key.`, {
      code: 'key-file',
    });
  }
  return readFileSync(path, 'utf8');
}

async function writeAll(file: FileHandle, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at)).bytesWritten;
}

function describe(file: string, summary: BackupSummary, keyFile: string, hasKey: boolean): string {
  const { tables, rows, keysNeeded } = summary;
  const lines = [`${file} holds ${rows} rows of ${tables} tables.`];
  if (hasKey) lines.push('It holds the key of the stored secrets too: let nobody else read it.');
  else if (keysNeeded.length === 0) lines.push('It holds no secrets, so it needs no key.');
  else {
    lines.push(
      `Its secrets need the key ${keysNeeded.join(', ')}, which it does not hold: keep a copy of ` +
        `${keyFile} apart.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Runs `wharfinger backup`; answers its exit code and never throws. */
export function runBackup(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('backup', streams, async () => {
    const flags = { ...storageFlags, 'with-key': { type: 'boolean' } } as const;
    const { values, positionals } = parseFlags(parameters, flags);
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw wrongUse('Give one file to write.');
    if (existsSync(file)) {
      throw conflict(`${file} is there already: name a new file.`, { code: 'file-exists' });
    }
    const choice = storageChoice(values, process.env);
    const keyFile = keyFileOf(choice);
    const key = values['with-key'] === true ? readKeyFile(keyFile) : undefined;
    const unfinished = `${file}.unfinished`;
    const handle = await open(unfinished, 'w', 0o600);
    try {
      const summary = await withDatabase(choice, processLog('warn'), (database) =>
        writeBackup(database, {
          version: wharfingerVersion(),
          madeAt: systemClock.now(),
          keyFile: key,
          write: (bytes) => writeAll(handle, bytes),
        }),
      );
      await handle.sync();
      await handle.close();
      await rename(unfinished, file);
      streams.stdout.write(describe(file, summary, keyFile, key !== undefined));
      return 0;
    } catch (error) {
      await handle.close().catch(() => {});
      rmSync(unfinished, { force: true });
      throw error;
    }
  });
}
