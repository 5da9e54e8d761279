import type { ClientBase } from 'pg';
import type { BackupHead, BackupTable } from './backup-format.ts';

/**
 * Schemas of slices: not PostgreSQL's own, and not the job queue's, whose schema pg-boss changes by
 * itself. Jobs only ever repeat what tables say is left to do, and are sent anew at the next start.
 */
const OURS = `n.nspname not in ('information_schema', 'public', 'pgboss')
  and n.nspname not like 'pg\\_%'`;
const KEPT_BY_MIGRATOR = `(n.nspname = 'platform' and c.relname in ('migration', 'migration_lock'))`;

/** Every table with the columns that hold data of their own (not generated), in a stable order. */
export async function listTables(client: ClientBase): Promise<BackupTable[]> {
  const { rows } = await client.query<BackupTable>(`
    select n.nspname as schema, c.relname as name,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attname) as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and ${OURS} and not ${KEPT_BY_MIGRATOR}
    order by 1, 2`);
  return rows;
}

/** Sequences that have given a number, with the last one. */
export async function listSequences(client: ClientBase): Promise<BackupHead['sequences']> {
  const { rows } = await client.query<BackupHead['sequences'][number]>(`
    select s.schemaname as schema, s.sequencename as name, s.last_value::text as value
    from pg_sequences s join pg_namespace n on n.nspname = s.schemaname
    where s.last_value is not null and ${OURS}
    order by 1, 2`);
  return rows;
}

export type ForeignKey = {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
};

export async function listForeignKeys(client: ClientBase): Promise<ForeignKey[]> {
  const { rows } = await client.query<ForeignKey>(`
    select k.conrelid::regclass::text as table, quote_ident(k.conname) as name,
      pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid
      join pg_namespace n on n.oid = c.relnamespace
    where k.contype = 'f' and k.conparentid = 0 and ${OURS}
    order by 1, 2`);
  return rows;
}

export async function listMaterializedViews(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ view: string }>(`
    select c.oid::regclass::text as view
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'm' and ${OURS} order by c.oid`);
  return rows.map((row) => row.view);
}
