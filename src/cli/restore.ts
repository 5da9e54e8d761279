import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { StorageChoice } from '../app/offline.ts';
import { openStorage } from '../app/storage.ts';
import { wharfingerVersion } from '../app/version.ts';
import { type CheckedBackup, checkBackup, restoreBackup } from '../features/backup/backup.ts';
import { conflict } from '../model/errors.ts';
import { systemClock } from '../platform/clock.ts';
import { wrongUse } from '../platform/config.ts';
import { type DataFolder, openDataFolder } from '../platform/data-folder.ts';
import { processLog } from '../platform/log.ts';
import { loadKeyRing } from '../platform/secret-store.ts';
import type { ExitCode, Streams } from './command.ts';
import { parseFlags, runGuarded, storageChoice, storageFlags } from './storage-flags.ts';

export const RESTORE_USAGE = `wharfinger restore FILE [--data DIR] [--database-url URL]

Loads a backup into an empty data folder, or into an empty database that the URL names. The file is
checked from end to end first. Then start the server on that folder as usual.

Exit code: 0 done, 1 could not, 2 wrong use.`;

/** Must be empty or absent, so that taking it back after a failure removes nothing of anyone's. */
function openEmptyFolder(path: string): DataFolder {
  if (existsSync(path) && readdirSync(path).length > 0) {
    throw conflict(`${resolve(path)} is not empty: restore into a new folder.`, {
      code: 'not-empty',
    });
  }
  return openDataFolder(path, wharfingerVersion());
}

function emptyFolder(path: string): void {
  for (const name of readdirSync(path)) {
    rmSync(resolve(path, name), { recursive: true, force: true });
  }
}

function placeKey(folder: DataFolder, backup: CheckedBackup): void {
  if (backup.keyFile === undefined) return;
  // Made first for its folder and mode, then given the backup's keys.
  loadKeyRing(folder.paths.keyFile, 'create');
  writeFileSync(folder.paths.keyFile, backup.keyFile, { flush: true });
  loadKeyRing(folder.paths.keyFile, 'must-exist');
}

async function restoreInto(choice: StorageChoice, backup: CheckedBackup): Promise<void> {
  const folder = openEmptyFolder(choice.dataFolder);
  try {
    placeKey(folder, backup);
    const { postgres } = folder.paths;
    const storage = await openStorage(postgres, choice.databaseUrl, processLog('warn'));
    try {
      await restoreBackup(storage.database, backup, { restoredAt: systemClock.now() });
    } finally {
      await storage.close();
    }
    folder.release();
  } catch (error) {
    emptyFolder(folder.path);
    folder.release();
    throw error;
  }
}

function describe(choice: StorageChoice, { head, contents }: CheckedBackup): string {
  const rows = contents.tables.reduce((sum, table) => sum + table.rows, 0);
  const lines = [
    `Restored ${rows} rows of ${contents.tables.length} tables, as they were at ${head.madeAt}.`,
  ];
  if (head.keys.needed.length > 0 && !head.keys.included) {
    lines.push(
      `The secrets need the key ${head.keys.needed.join(', ')}, which the backup does not hold: put ` +
        `its file at ${resolve(choice.dataFolder)}/keys/secret.key (chmod 600) before the start.`,
    );
  }
  return `${lines.join('\n')}\n`;
}

/** Runs `wharfinger restore`; answers its exit code and never throws. */
export function runRestore(parameters: readonly string[], streams: Streams): Promise<ExitCode> {
  return runGuarded('restore', streams, async () => {
    const { values, positionals } = parseFlags(parameters, storageFlags);
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw wrongUse('Give one backup to restore.');
    const choice = storageChoice(values, process.env);
    const handle = await open(file, 'r');
    try {
      const backup = await checkBackup(handle);
      await restoreInto(choice, backup);
      streams.stdout.write(describe(choice, backup));
      return 0;
    } finally {
      await handle.close();
    }
  });
}
