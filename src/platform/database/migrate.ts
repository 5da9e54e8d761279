import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { unavailable } from '../../model/errors.ts';
import type { Database } from './database.ts';

export const MIGRATIONS_FOLDER = resolve(import.meta.dirname, '../../../migrations');

// 20261122-0530-evidence-log: sorts by time, and says what it is about.
const FILE_NAME = /^\d{8}-\d{4}-[a-z0-9-]+\.sql$/;

export type MigrationFile = { readonly name: string; readonly sql: string };

export function readMigrations(folder = MIGRATIONS_FOLDER): readonly MigrationFile[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.sql') && file !== 'schema.sql')
    .sort()
    .map((file) => {
      if (!FILE_NAME.test(file)) throw new Error(`A migration is named wrongly: ${file}`);
      return {
        name: file.slice(0, -'.sql'.length),
        sql: readFileSync(join(folder, file), 'utf8'),
      };
    });
}

/** Names of the migrations that the database has had, in order; none for an empty database. */
export async function listAppliedMigrations(database: Database): Promise<readonly string[]> {
  const known = await sql<{ there: boolean }>`
    select to_regclass('platform.migration') is not null as there`.execute(database.kysely);
  if (known.rows[0]?.there !== true) return [];
  const result = await sql<{ name: string }>`
    select name from platform.migration order by name`.execute(database.kysely);
  return result.rows.map((row) => row.name);
}

async function refuseNewer(database: Database, files: readonly MigrationFile[]): Promise<void> {
  const known = new Set(files.map((file) => file.name));
  const unknown = (await listAppliedMigrations(database)).filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw unavailable(
      'The data was written by a newer version of Wharfinger: start that version, or restore a ' +
        'backup made by this one.',
      { code: 'data-newer', context: { unknown } },
    );
  }
}

/**
 * Brings the schema up to date, forward only: every pending file in one transaction, one process at
 * a time (Kysely's migrator holds an advisory lock). Answers the names of what it applied.
 */
export async function migrate(
  database: Database,
  files: readonly MigrationFile[] = readMigrations(),
): Promise<readonly string[]> {
  await refuseNewer(database, files);
  const migrator = new Migrator({
    db: database.kysely,
    provider: {
      getMigrations: async () => Object.fromEntries(files.map((file) => [file.name, asUp(file)])),
    },
    migrationTableSchema: 'platform',
    migrationTableName: 'migration',
    migrationLockTableName: 'migration_lock',
    // Two branches that land in another order than they began must both apply.
    allowUnorderedMigrations: true,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw unavailable(
      `The database could not be brought up to date${failed ? ` (at ${failed})` : ''}; it is as it was before.`,
      { code: 'migration-failed', cause: error, context: { migration: failed } },
    );
  }
  return (results ?? []).map((result) => result.migrationName);
}

function asUp(file: MigrationFile): Migration {
  return {
    up: async (connection) => {
      await sql.raw(file.sql).execute(connection);
    },
  };
}
