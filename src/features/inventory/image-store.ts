import { sql } from 'kysely';
import type { Connection } from '../../platform/database/database.ts';
import type { CatalogueStateName } from './container-store.ts';

type Db = Connection;

export type ImageRecord = {
  id: string;
  number: number;
  config_digest: string | null;
  name: string;
  tags: string[] | null;
  digest: string | null;
  platform: string | null;
  size_bytes: number;
  created_at: Date | null;
  first_seen_at: Date;
  catalogue_state: CatalogueStateName;
  catalogue_error: string | null;
  catalogued_at: Date | null;
  catalogue_evidence_id: string | null;
  component_count: number | null;
  executable_count: number | null;
  unexplained_count: number | null;
  problem_count: number | null;
  os: string | null;
  running: number;
  sample: boolean;
};

const columns = sql`
  i.id, i.number, i.config_digest, i.name, i.platform, i.size_bytes, i.created_at,
  i.first_seen_at, i.catalogue_state, i.catalogue_error, i.catalogued_at,
  i.catalogue_evidence_id, i.component_count, i.executable_count, i.unexplained_count,
  i.problem_count, i.os, i.sample,
  coalesce(i.config_digest, (select d.digest from inventory.image_digest d
    where d.image_id = i.id order by d.kind desc, d.digest limit 1)) as digest,
  (select array_agg(distinct t.name order by t.name) from (
     select t.name from inventory.image_place p
     join inventory.tag t on t.connection_id = p.connection_id and t.place = p.place
       and t.to_at is null
       and t.digest = any(array(select x.digest from inventory.image_digest x
         where x.image_id = p.image_id and x.kind = 'index' union all select p.key))
     where p.image_id = i.id and p.gone_at is null limit 50) t) as tags,
  (select count(*)::integer from inventory.running_container c where c.image_id = i.id) as running`;

export type ImageSort = 'name' | '-created' | '-size' | '-running' | '-seen';

export type ImageFilter = {
  q?: string | undefined;
  catalogue?: CatalogueStateName | undefined;
  running?: boolean | undefined;
  connection?: string | undefined;
};

function conditions(filter: ImageFilter) {
  const parts = [sql`true`];
  if (filter.q !== undefined && filter.q !== '') {
    const like = `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`;
    parts.push(sql`(i.name ilike ${like} or exists (
      select from inventory.image_digest d
      where d.image_id = i.id and d.digest like ${`%${filter.q.replace(/[\\%_]/g, '\\$&')}%`}))`);
  }
  if (filter.catalogue !== undefined) parts.push(sql`i.catalogue_state = ${filter.catalogue}`);
  if (filter.running !== undefined) {
    const any = sql`exists (select from inventory.running_container c where c.image_id = i.id)`;
    parts.push(filter.running ? any : sql`not ${any}`);
  }
  if (filter.connection !== undefined) {
    parts.push(sql`exists (select from inventory.image_place p where p.image_id = i.id
      and p.gone_at is null and p.connection_id::text = ${filter.connection})`);
  }
  return sql.join(parts, sql` and `);
}

const orders = {
  name: { key: sql`lower(i.name)`, type: sql`text`, up: true },
  '-created': { key: sql`coalesce(i.created_at, 'epoch')`, type: sql`timestamptz`, up: false },
  '-size': { key: sql`i.size_bytes`, type: sql`bigint`, up: false },
  '-running': {
    key: sql`(select count(*) from inventory.running_container c where c.image_id = i.id)`,
    type: sql`bigint`,
    up: false,
  },
  '-seen': { key: sql`i.first_seen_at`, type: sql`timestamptz`, up: false },
} as const;

export async function listImageRecords(
  db: Db,
  page: {
    filter: ImageFilter;
    sort: ImageSort;
    after: readonly [string, string] | undefined;
    limit: number;
  },
): Promise<(ImageRecord & { sort_key: string })[]> {
  const { key, type, up } = orders[page.sort];
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : up
        ? sql`(${key}, i.id) > (${after[0]}::${type}, ${after[1]}::uuid)`
        : sql`(${key}, i.id) < (${after[0]}::${type}, ${after[1]}::uuid)`;
  const order = up ? sql`${key}, i.id` : sql`${key} desc, i.id desc`;
  const found = await sql<ImageRecord & { sort_key: string }>`
    with page as (
      select i.id, (${key})::text as sort_key, row_number() over (order by ${order}) as position
      from inventory.image i where ${conditions(page.filter)} and ${beyond}
      order by ${order} limit ${page.limit})
    select ${columns}, page.sort_key from page join inventory.image i on i.id = page.id
    order by page.position`.execute(db);
  return found.rows;
}

export async function countImages(
  db: Db,
): Promise<{ all: number; running: number; not_catalogued: number }> {
  const found = await sql<{ all: number; running: number; not_catalogued: number }>`
    select count(*)::integer as all,
      (select count(distinct image_id)::integer from inventory.running_container) as running,
      count(*) filter (where catalogue_state not in ('complete', 'partial'))::integer
        as not_catalogued
    from inventory.image`.execute(db);
  return found.rows[0] as { all: number; running: number; not_catalogued: number };
}

export type ImageDetail = ImageRecord & { labels: Record<string, string>; diff_ids: string[] };

export async function findImage(db: Db, id: string): Promise<ImageDetail | undefined> {
  const found = await sql<ImageDetail>`
    select ${columns}, i.labels, i.diff_ids from inventory.image i
    where i.id = ${id}::uuid`.execute(db);
  return found.rows[0];
}

export async function listDigests(
  db: Db,
  imageId: string,
): Promise<{ digest: string; kind: 'config' | 'manifest' | 'index' }[]> {
  const found = await sql<{ digest: string; kind: 'config' | 'manifest' | 'index' }>`
    select digest, kind from inventory.image_digest where image_id = ${imageId}::uuid
    order by kind, digest limit 200`.execute(db);
  return found.rows;
}

export type PlaceRow = {
  connection_id: string;
  connection_name: string;
  place: string;
  first_seen_at: Date;
  gone_at: Date | null;
  seen_at: Date | null;
  stale: boolean;
  last_evidence_id: string | null;
};

export async function listPlaces(db: Db, imageId: string): Promise<PlaceRow[]> {
  const found = await sql<PlaceRow>`
    select p.connection_id, f.name as connection_name, coalesce(h.name, p.place) as place,
           p.first_seen_at, p.gone_at, f.seen_at, f.stale, f.last_evidence_id
    from inventory.image_place p
    join connections.connection_freshness f on f.connection_id = p.connection_id
    left join inventory.host h on h.connection_id = p.connection_id and h.key = p.place
    where p.image_id = ${imageId}::uuid
    order by p.gone_at is not null, p.first_seen_at desc limit 200`.execute(db);
  return found.rows;
}

/** Whether it lies where a connector could open it: files that were handed in are not kept. */
export async function canBeReadAgain(db: Db, imageId: string): Promise<boolean> {
  const found = await sql`
    select from inventory.image_place p
    join connections.connection_freshness f on f.connection_id = p.connection_id
    where p.image_id = ${imageId}::uuid and p.gone_at is null and f.removed_at is null
      and f.kind <> 'upload' and not f.sample limit 1`.execute(db);
  return found.rows.length > 0;
}

export type Lineage = { id: string; name: string; layers: number };

/** The largest image whose layers are the lowest layers of this one, and is not all of it. */
export async function findBase(
  db: Db,
  image: { id: string; diffIds: readonly string[] },
): Promise<Lineage | undefined> {
  const { id, diffIds } = image;
  if (diffIds.length < 2) return undefined;
  const found = await sql<Lineage>`
    select b.id, b.name, cardinality(b.diff_ids) as layers from inventory.image b
    where b.diff_ids <@ ${[...diffIds]}::text[] and b.id <> ${id}::uuid
      and cardinality(b.diff_ids) between 1 and ${diffIds.length - 1}
      and b.diff_ids = (${[...diffIds]}::text[])[1:cardinality(b.diff_ids)]
    order by layers desc, b.first_seen_at limit 1`.execute(db);
  return found.rows[0];
}

/** Images that start with all layers of this one: who must follow when it is rebuilt. */
export async function listBuiltOn(
  db: Db,
  image: { id: string; diffIds: readonly string[] },
): Promise<Lineage[]> {
  const { id, diffIds } = image;
  if (diffIds.length === 0) return [];
  const found = await sql<Lineage>`
    select b.id, b.name, cardinality(b.diff_ids) as layers from inventory.image b
    where b.diff_ids @> ${[...diffIds]}::text[] and b.id <> ${id}::uuid
      and cardinality(b.diff_ids) > ${diffIds.length}
      and b.diff_ids[1:${diffIds.length}] = ${[...diffIds]}::text[]
    order by b.name, b.id limit 200`.execute(db);
  return found.rows;
}

/** How many other images share each stack of lowest layers. */
export async function countSharing(
  db: Db,
  image: { id: string; diffIds: readonly string[] },
): Promise<number[]> {
  const { id, diffIds } = image;
  if (diffIds.length === 0) return [];
  const found = await sql<{ position: number; shared: number }>`
    select n as position, (
      select count(*)::integer from inventory.image b
      where b.id <> ${id}::uuid and b.diff_ids @> (${[...diffIds]}::text[])[n:n]
        and b.diff_ids[1:n] = (${[...diffIds]}::text[])[1:n]) as shared
    from generate_series(1, ${Math.min(diffIds.length, 200)}) n order by n`.execute(db);
  return found.rows.map((row) => row.shared);
}

export type HostRecord = {
  id: string;
  name: string;
  engine: string;
  connection_id: string;
  environment: string | null;
  running: number;
  first_seen_at: Date;
  gone_at: Date | null;
  facts: Record<string, unknown>;
};

export async function listHostRecords(
  db: Db,
  page: {
    connection: string | undefined;
    after: readonly [string, string] | undefined;
    limit: number;
  },
): Promise<HostRecord[]> {
  const { after } = page;
  const beyond =
    after === undefined ? sql`true` : sql`(lower(h.name), h.id) > (${after[0]}, ${after[1]}::uuid)`;
  const found = await sql<HostRecord>`
    select h.id, h.name, h.engine, h.connection_id, h.environment, h.first_seen_at, h.gone_at,
           h.facts, (select count(*)::integer from inventory.running_container c
                     where c.host_id = h.id) as running
    from inventory.host h
    where ${beyond} and (${page.connection ?? null}::text is null
      or h.connection_id::text = ${page.connection ?? null})
    order by lower(h.name), h.id limit ${page.limit}`.execute(db);
  return found.rows;
}
