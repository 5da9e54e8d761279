import {
  type BundledPostgres,
  startBundledPostgres,
} from '../platform/database/bundled-postgres.ts';
import {
  checkDatabase,
  type Database,
  openDatabase,
  shownAddress,
} from '../platform/database/database.ts';
import { errorFields, type Log } from '../platform/log.ts';

export type OpenedDatabase = {
  readonly database: Database;
  /** Undefined when the database is someone else's to run. */
  readonly postgres: BundledPostgres | undefined;
  close(): Promise<void>;
};

function withIdleErrorsLogged(log: Log) {
  return {
    onIdleError: (error: Error) => log.warn('A database connection broke.', errorFields(error)),
  };
}

/** Opens the database that the settings name: the given one, else the bundled one, started. */
export async function openStorage(
  postgresFolder: string,
  databaseUrl: string | undefined,
  log: Log,
): Promise<OpenedDatabase> {
  const postgres =
    databaseUrl === undefined ? await startBundledPostgres({ folder: postgresFolder }) : undefined;
  if (postgres !== undefined && postgres.orphansEnded > 0) {
    log.warn('Recovered from a run that was killed.', { orphans: postgres.orphansEnded });
  }
  const target = postgres?.address ?? databaseUrl ?? '';
  const database = openDatabase(target, withIdleErrorsLogged(log));
  const close = async (): Promise<void> => {
    await database.close();
    await postgres?.stop();
  };
  try {
    await checkDatabase(
      database,
      databaseUrl === undefined ? 'the data folder' : shownAddress(databaseUrl),
    );
  } catch (error) {
    await close();
    throw error;
  }
  return { database, postgres, close };
}
