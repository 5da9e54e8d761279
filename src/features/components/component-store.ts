import { createHash } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import type { Connection } from '../../platform/database/database.ts';

type Db = Connection;

export type ComponentRecord = {
  number: number;
  id: string;
  purl: string;
  type: string;
  namespace: string | null;
  name: string;
  version: string;
  licences: string[];
  source_name: string | null;
  source_version: string | null;
  first_seen_at: Date;
};

const columns = sql`
  c.number, c.id, c.purl, c.type, c.namespace, c.name, c.version, c.licences, c.source_name,
  c.source_version, c.first_seen_at`;

export type ComponentFilter = {
  /** Lower case; the exact name first, then names that begin with it, then names that hold it. */
  name?: string | undefined;
  /** Lower case; this name and no other, as a package URL means it. */
  exactName?: string | undefined;
  namespace?: string | undefined;
  type?: string | undefined;
  purl?: string | undefined;
  running?: boolean | undefined;
};

export type ComponentKey = readonly [rank: number, name: string, number: number];

function conditions(filter: ComponentFilter): RawBuilder<unknown> {
  const parts: RawBuilder<unknown>[] = [];
  if (filter.purl !== undefined) {
    const digest = createHash('sha256').update(filter.purl).digest();
    parts.push(sql`c.purl_sha256 = ${digest}`);
  }
  if (filter.name !== undefined) {
    parts.push(sql`lower(c.name) like ${`%${filter.name.replace(/[\\%_]/g, '\\$&')}%`}`);
  }
  if (filter.exactName !== undefined) parts.push(sql`lower(c.name) = ${filter.exactName}`);
  if (filter.namespace !== undefined) parts.push(sql`c.namespace = ${filter.namespace}`);
  if (filter.type !== undefined) parts.push(sql`c.type = ${filter.type}`);
  if (filter.running === true) {
    parts.push(sql`exists (select from components.image_component e
      join inventory.image_running r on r.image_number = e.image_number
      where e.component_number = c.number)`);
  }
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `);
}

function rankOf(name: string | undefined): RawBuilder<number> {
  if (name === undefined) return sql<number>`0::integer`;
  return sql<number>`case when lower(c.name) = ${name} then 0
    when starts_with(lower(c.name), ${name}) then 1 else 2 end`;
}

/** Candidates in the order people expect; version ranges are judged by the caller. */
export async function listComponentRecords(
  db: Db,
  page: { filter: ComponentFilter; after: ComponentKey | undefined; limit: number },
): Promise<(ComponentRecord & { rank: number })[]> {
  const { after } = page;
  const rank = rankOf(page.filter.name);
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(${rank}, lower(c.name), c.number) > (${after[0]}, ${after[1]}, ${after[2]})`;
  const found = await sql<ComponentRecord & { rank: number }>`
    select ${columns}, ${rank} as rank from components.component c
    where ${conditions(page.filter)} and ${beyond}
    order by ${rank}, lower(c.name), c.number limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function countTypes(
  db: Db,
  filter: ComponentFilter,
): Promise<{ type: string; count: number }[]> {
  const found = await sql<{ type: string; count: number }>`
    select c.type, count(*)::integer as count from components.component c
    where ${conditions({ ...filter, type: undefined, running: undefined })}
    group by c.type order by count desc`.execute(db);
  return found.rows;
}

export type UseCount = { component_number: number; images: number; running: number };

/** How many images hold each of these, and how many running containers by those images. */
export async function countUses(db: Db, numbers: readonly number[]): Promise<UseCount[]> {
  const found = await sql<UseCount>`
    select e.component_number, count(*)::integer as images,
           coalesce(sum(r.running), 0)::integer as running
    from components.image_component e
    left join inventory.image_running r on r.image_number = e.image_number
    where e.component_number = any(${[...numbers]}::integer[])
    group by e.component_number`.execute(db);
  return found.rows;
}

export async function findComponent(db: Db, id: string): Promise<ComponentRecord | undefined> {
  const found = await sql<ComponentRecord>`
    select ${columns} from components.component c where c.id = ${id}::uuid`.execute(db);
  return found.rows[0];
}

export async function listOtherVersions(db: Db, of: ComponentRecord): Promise<ComponentRecord[]> {
  const found = await sql<ComponentRecord>`
    select ${columns} from components.component c
    where lower(c.name) = lower(${of.name}) and c.name = ${of.name} and c.type = ${of.type}
      and c.namespace is not distinct from ${of.namespace} and c.number <> ${of.number}
    order by c.number desc limit 100`.execute(db);
  return found.rows;
}

export type ImageUse = {
  image_id: string;
  image_number: number;
  name: string;
  digest: string | null;
  running: number;
};

export async function listImageUses(
  db: Db,
  page: { componentNumber: number; after: readonly [number, number] | undefined; limit: number },
): Promise<ImageUse[]> {
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(-coalesce(r.running, 0), e.image_number) > (${after[0]}, ${after[1]})`;
  const found = await sql<ImageUse>`
    select i.id as image_id, i.number as image_number, i.name, i.digest, p.running from (
      select e.image_number, coalesce(r.running, 0) as running
      from components.image_component e
      left join inventory.image_running r on r.image_number = e.image_number
      where e.component_number = ${page.componentNumber} and ${beyond}
      order by -coalesce(r.running, 0), e.image_number limit ${page.limit}) p
    join inventory.image_summary i on i.number = p.image_number
    order by -p.running, p.image_number`.execute(db);
  return found.rows;
}

export type ContainerUse = {
  id: string;
  name: string;
  host: string;
  state: string;
  image_id: string;
  image_name: string;
  owner: string | null;
};

export async function listContainerUses(
  db: Db,
  page: { componentNumber: number; after: readonly [string, string] | undefined; limit: number },
): Promise<ContainerUse[]> {
  const { after } = page;
  const beyond =
    after === undefined ? sql`true` : sql`(lower(c.name), c.id) > (${after[0]}, ${after[1]}::uuid)`;
  const found = await sql<ContainerUse>`
    select c.id, c.name, c.host_name as host, c.state, c.image_id, c.image_name,
           c.owner_name as owner
    from inventory.running_container c
    join components.image_component e on e.image_number = c.image_number
    where e.component_number = ${page.componentNumber} and ${beyond}
    order by lower(c.name), c.id limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function countContainerUses(db: Db, componentNumber: number): Promise<number> {
  const [count] = await countUses(db, [componentNumber]);
  return count?.running ?? 0;
}
