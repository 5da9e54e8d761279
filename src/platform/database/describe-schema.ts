import { sql } from 'kysely';
import type { Database } from './database.ts';

type Line = { readonly line: string };

// pg-boss makes and changes its own schema by itself; the rest of the list is PostgreSQL's.
const OURS = sql`n.nspname not in ('pgboss', 'public', 'information_schema')
  and n.nspname not like 'pg\\_%'
  and not (n.nspname = 'platform' and c.relname in ('migration', 'migration_lock'))`;

const typesQuery = sql<Line>`
  select format(E'create type %I.%I as enum (%s);', n.nspname, c.typname,
    (select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
       from pg_enum e where e.enumtypid = c.oid)) as line
  from (select *, typname as relname from pg_type) c join pg_namespace n on n.oid = c.typnamespace
  where c.typtype = 'e' and ${OURS}
  order by n.nspname, c.typname`;

const tablesQuery = sql<Line>`
  select format(E'create %stable %I.%I (\n%s\n)%s;',
    case c.relpersistence when 'u' then 'unlogged ' else '' end, n.nspname, c.relname,
    concat_ws(E',\n',
      (select string_agg(format('  %I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
          case when a.attidentity <> '' then ' generated always as identity' else '' end,
          case when a.attgenerated <> '' then ' generated (' || pg_get_expr(d.adbin, d.adrelid) || ')'
               when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid)
               else '' end,
          case when a.attnotnull then ' not null' else '' end), E',\n' order by a.attnum)
        from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
      (select string_agg(format('  constraint %I %s', k.conname, pg_get_constraintdef(k.oid)),
          E',\n' order by k.contype, k.conname)
        from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'u', 'f', 'c', 'x'))),
    case when c.relkind = 'p' then ' partition by ' || pg_get_partkeydef(c.oid)
         when c.relispartition then ' -- partition ' || pg_get_expr(c.relpartbound, c.oid)
         else '' end) as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p') and ${OURS}
  order by n.nspname, c.relname`;

const indexesQuery = sql<Line>`
  select pg_get_indexdef(c.oid) || ';' as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('i', 'I') and ${OURS}
    and not exists (select from pg_constraint k where k.conindid = c.oid)
    and not exists (select from pg_index i where i.indexrelid = c.oid
      and i.indrelid in ('platform.migration'::regclass, 'platform.migration_lock'::regclass))
  order by n.nspname, c.relname`;

const viewsQuery = sql<Line>`
  select format(E'create %sview %I.%I as\n%s',
    case c.relkind when 'm' then 'materialized ' else '' end,
    n.nspname, c.relname, pg_get_viewdef(c.oid, true)) as line
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('v', 'm') and ${OURS}
  order by n.nspname, c.relname`;

const functionsQuery = sql<Line>`
  select pg_get_functiondef(c.oid) || ';' as line
  from (select *, proname as relname from pg_proc where prokind in ('f', 'p')) c
  join pg_namespace n on n.oid = c.pronamespace
  where ${OURS}
  order by n.nspname, c.proname, pg_get_function_identity_arguments(c.oid)`;

const triggersQuery = sql<Line>`
  select pg_get_triggerdef(t.oid) || ';' as line
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_namespace n on n.oid = c.relnamespace
  where not t.tgisinternal and ${OURS}
  order by n.nspname, c.relname, t.tgname`;

const HEADER = `-- What the migrations make, in alphabetical order: for reading and review, not for running.
-- Written by tools/dump-schema.ts; a test fails when it is behind the migrations.
`;

/** The whole schema as text, the same for the same migrations whatever order they ran in. */
export async function describeSchema(database: Database): Promise<string> {
  const parts = [HEADER];
  for (const query of [
    typesQuery,
    tablesQuery,
    indexesQuery,
    viewsQuery,
    functionsQuery,
    triggersQuery,
  ]) {
    const { rows } = await query.execute(database.kysely);
    parts.push(...rows.map((row) => `${row.line.trimEnd()}\n`));
  }
  return parts.join('\n');
}
