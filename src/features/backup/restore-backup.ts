import type { ClientBase } from 'pg';
import { conflict, unavailable } from '../../model/errors.ts';
import { copyIn } from '../../platform/database/copy.ts';
import type { Database } from '../../platform/database/database.ts';
import { type MigrationFile, migrate, readMigrations } from '../../platform/database/migrate.ts';
import { keepSetting } from '../../platform/setting.ts';
import { listForeignKeys, listMaterializedViews, listTables } from './backup-catalogue.ts';
import { type BackupTable, columnList, tableName, tableReference } from './backup-format.ts';
import type { CheckedBackup } from './read-backup.ts';

/** The note a restore leaves in the database, for slices that must know (the evidence log). */
export const RESTORED_SETTING = 'restored';

export type RestoreOptions = {
  readonly restoredAt: Date;
  /** Those of this version, unless said otherwise. */
  readonly migrations?: readonly MigrationFile[];
};

async function refuseUsedDatabase(database: Database): Promise<void> {
  const client = await database.pool.connect();
  try {
    if ((await listTables(client)).length > 0) {
      throw conflict('The database is in use: restore into an empty one.', { code: 'not-empty' });
    }
  } finally {
    client.release();
  }
}

function migrationsOf(backup: CheckedBackup, known: readonly MigrationFile[]) {
  const wanted = new Set(backup.head.migrations);
  const files = known.filter((file) => wanted.has(file.name));
  if (files.length < wanted.size) {
    throw unavailable(
      `The backup was made by another version of Wharfinger (${backup.head.version}), which this ` +
        'one does not know: restore with that version or a newer one.',
      { code: 'backup-newer' },
    );
  }
  return files;
}

async function loadTable(client: ClientBase, backup: CheckedBackup, table: BackupTable) {
  const name = tableName(table);
  await client.query(`alter table ${tableReference(table)} disable trigger user`);
  const statement = `copy ${tableReference(table)} (${columnList(table)}) from stdin`;
  const rows = await copyIn(client, statement, backup.pieces(name));
  await client.query(`alter table ${tableReference(table)} enable trigger user`);
  const expected = backup.contents.tables.find((entry) => entry.table === name)?.rows;
  if (rows !== expected) {
    throw unavailable(`The table ${name} got ${rows} rows of ${expected}.`, { code: 'restore' });
  }
}

/** Only what the schema itself has: names in a backup never reach SQL on their own word. */
async function matchTables(client: ClientBase, backup: CheckedBackup): Promise<BackupTable[]> {
  const known = new Map((await listTables(client)).map((table) => [tableName(table), table]));
  return backup.head.tables.map((table) => {
    const ours = known.get(tableName(table));
    if (ours === undefined || ours.columns.join() !== table.columns.join()) {
      throw unavailable(`The backup's table ${tableName(table)} is not as this version has it.`, {
        code: 'restore',
      });
    }
    return ours;
  });
}

async function load(client: ClientBase, backup: CheckedBackup): Promise<void> {
  await client.query(`set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
    set local timezone = 'UTC'; set local statement_timeout = 0; set local lock_timeout = 0;
    set local idle_in_transaction_session_timeout = 0`);
  const tables = await matchTables(client, backup);
  // Tables refer to each other in any order, so references are checked at the end, all of them.
  const keys = await listForeignKeys(client);
  for (const key of keys)
    await client.query(`alter table ${key.table} drop constraint ${key.name}`);
  // Migrations may have put rows in already; the backup's take their place.
  if (tables.length > 0) await client.query(`truncate ${tables.map(tableReference).join(', ')}`);
  for (const table of tables) await loadTable(client, backup, table);
  for (const { schema, name, value } of backup.head.sequences) {
    await client.query('select setval(format($1, $2::text, $3::text)::regclass, $4::bigint)', [
      '%I.%I',
      schema,
      name,
      value,
    ]);
  }
  for (const { table, name, definition } of keys) {
    await client.query(`alter table ${table} add constraint ${name} ${definition}`);
  }
  for (const view of await listMaterializedViews(client)) {
    await client.query(`refresh materialized view ${view}`);
  }
}

async function loadInOneTransaction(database: Database, backup: CheckedBackup): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await load(client, backup);
    await client.query('commit');
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function listSchemas(database: Database): Promise<ReadonlySet<string>> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select quote_ident(nspname) as name from pg_namespace where nspname not like 'pg\\_%'`,
  );
  return new Set(rows.map((row) => row.name));
}

/** Leaves the database as empty as it was, so that the restore can be tried again. */
async function dropNewSchemas(database: Database, before: ReadonlySet<string>): Promise<void> {
  for (const schema of await listSchemas(database)) {
    if (!before.has(schema)) await database.pool.query(`drop schema ${schema} cascade`);
  }
}

/**
 * Loads a checked backup into an empty database: the schema as the backup had it, then all rows in
 * one transaction, then what this version adds. The database may be of another major version of
 * PostgreSQL than the one the backup came from.
 */
export async function restoreBackup(
  database: Database,
  backup: CheckedBackup,
  options: RestoreOptions,
): Promise<void> {
  const known = options.migrations ?? readMigrations();
  const files = migrationsOf(backup, known);
  await refuseUsedDatabase(database);
  const before = await listSchemas(database);
  try {
    await migrate(database, files);
    await loadInOneTransaction(database, backup);
  } catch (error) {
    await dropNewSchemas(database, before);
    throw error;
  }
  await migrate(database, known);
  const { madeAt, version } = backup.head;
  const note = { backupMadeAt: madeAt, backupVersion: version };
  await keepSetting(database.kysely, RESTORED_SETTING, {
    ...note,
    restoredAt: options.restoredAt.toISOString(),
  });
  await database.pool.query('analyze');
}
