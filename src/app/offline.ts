import { existsSync } from 'node:fs';
import { Failure, unavailable } from '../model/errors.ts';
import {
  type DataFolder,
  dataPaths,
  openDataFolder,
  readServerNotice,
} from '../platform/data-folder.ts';
import { addressIn } from '../platform/database/bundled-postgres.ts';
import { checkDatabase, type Database, openDatabase } from '../platform/database/database.ts';
import { readSocketFolder } from '../platform/database/postgres-socket.ts';
import type { Log } from '../platform/log.ts';
import { openStorage } from './storage.ts';
import { wharfingerVersion } from './version.ts';

export type StorageChoice = {
  readonly dataFolder: string;
  readonly databaseUrl: string | undefined;
};

/** Takes the folder for this command, or answers undefined when a server runs on it. */
function takeIdleFolder(path: string): DataFolder | undefined {
  try {
    return openDataFolder(path, wharfingerVersion());
  } catch (error) {
    if (error instanceof Failure && error.code === 'data-in-use') return undefined;
    throw error;
  }
}

async function withOpen<T>(
  database: Database,
  shown: string,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  try {
    await checkDatabase(database, shown);
    return await work(database);
  } finally {
    await database.close();
  }
}

async function withRunningServer<T>(path: string, work: (database: Database) => Promise<T>) {
  const socketFolder = readSocketFolder(dataPaths(path).postgres);
  if (socketFolder === undefined) {
    throw unavailable(
      `The server that uses ${path} keeps its data in another PostgreSQL: give the same ` +
        '--database-url.',
      { code: 'other-database' },
    );
  }
  return withOpen(openDatabase(addressIn(socketFolder)), 'the data folder', work);
}

/**
 * Runs `work` on the database of a data folder, whether its server runs (beside it) or not (the
 * bundled PostgreSQL is started for the while), or on the one that a URL names.
 */
export async function withDatabase<T>(
  choice: StorageChoice,
  log: Log,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  if (choice.databaseUrl !== undefined) {
    const storage = await openStorage('', choice.databaseUrl, log);
    try {
      return await work(storage.database);
    } finally {
      await storage.close();
    }
  }
  const path = choice.dataFolder;
  if (!existsSync(dataPaths(path).postgres)) {
    throw unavailable(`There is no data of Wharfinger in ${path}: name its folder with --data.`, {
      code: 'no-data',
    });
  }
  const folder = takeIdleFolder(path);
  if (folder === undefined) return withRunningServer(path, work);
  try {
    const storage = await openStorage(folder.paths.postgres, undefined, log);
    try {
      return await work(storage.database);
    } finally {
      await storage.close();
    }
  } finally {
    folder.release();
  }
}

/** The address of the server that runs on the folder now, if one does. */
export function runningServerUrl(dataFolder: string): string | undefined {
  return readServerNotice(dataFolder)?.url;
}
