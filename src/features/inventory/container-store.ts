import { type RawBuilder, sql } from 'kysely';
import type { ContainerFacts, ContainerState } from '../../model/observation.ts';
import type { Connection } from '../../platform/database/database.ts';

/** Read models of containers. Lists are bounded by a page; every filter is in SQL. */
export type ContainerRecord = {
  id: string;
  key: string;
  name: string;
  kind: 'container' | 'pod-container' | 'virtual-machine' | 'function';
  state: ContainerState;
  exit_code: number | null;
  host_id: string;
  host_name: string;
  image_id: string | null;
  image_name: string;
  workload_id: string;
  workload_name: string;
  environment: string | null;
  owner_kind: 'team' | 'user' | null;
  owner_id: string | null;
  owner_name: string | null;
  owner_because: string | null;
  privileged: boolean | null;
  exposed: boolean | null;
  component_count: number | null;
  catalogue_state: CatalogueStateName | null;
  created_at: Date | null;
  started_at: Date | null;
  ended_at: Date | null;
  sort_at: Date;
  first_seen_at: Date;
  gone_at: Date | null;
  connection_id: string;
  connection_name: string;
  seen_at: Date | null;
  stale: boolean;
  last_evidence_id: string | null;
  sample: boolean;
};

export type CatalogueStateName =
  | 'waiting'
  | 'reading'
  | 'complete'
  | 'partial'
  | 'failed'
  | 'unreachable';

export type ContainerFilter = {
  q?: string | undefined;
  state: 'running' | 'ended' | 'all';
  connection?: string | undefined;
  host?: string | undefined;
  image?: string | undefined;
  workload?: string | undefined;
  owner?: string | undefined;
  environment?: string | undefined;
  privileged?: boolean | undefined;
  exposed?: boolean | undefined;
  at?: Date | undefined;
};

export type ContainerSort = 'name' | '-started' | 'host' | 'image' | 'owner';

type Db = Connection;

const columns = sql`
  c.id, c.key, c.name, w.kind, c.exit_code, c.host_id, h.name as host_name, c.image_id,
  c.image_name, c.workload_id, w.name as workload_name,
  coalesce(w.environment, h.environment) as environment, w.owner_kind, w.owner_id, w.owner_name,
  w.owner_because, c.privileged, c.exposed, i.component_count, i.catalogue_state, c.created_at,
  c.started_at, c.ended_at, c.sort_at, c.first_seen_at, c.gone_at, c.connection_id,
  f.name as connection_name, f.seen_at, f.stale, f.last_evidence_id, c.sample`;

const joins = sql`
  inventory.container c
  join inventory.workload w on w.id = c.workload_id
  join inventory.host h on h.id = c.host_id
  left join inventory.image i on i.id = c.image_id
  join connections.connection_freshness f on f.connection_id = c.connection_id`;

/** As of a past time the state comes from the stretch of facts that held then. */
function stateOf(at: Date | undefined): RawBuilder<unknown> {
  return at === undefined
    ? sql`c.state`
    : sql`(select p.facts ->> 'state' from inventory.fact_history p
           where p.thing_id = c.id and p.from_at <= ${at}
             and (p.to_at is null or p.to_at > ${at}) limit 1)`;
}

const live = sql`c.gone_at is null and c.state in ('running', 'paused', 'restarting')`;

function conditions(filter: ContainerFilter): RawBuilder<unknown> {
  const parts: RawBuilder<unknown>[] = [];
  if (filter.at !== undefined) {
    parts.push(sql`c.first_seen_at <= ${filter.at}`);
    parts.push(sql`(c.gone_at is null or c.gone_at > ${filter.at})`);
    const running = sql`${stateOf(filter.at)} in ('running', 'paused', 'restarting')`;
    if (filter.state === 'running') parts.push(running);
    if (filter.state === 'ended') parts.push(sql`not coalesce(${running}, false)`);
  } else if (filter.state === 'running') parts.push(live);
  else if (filter.state === 'ended') parts.push(sql`not (${live})`);
  if (filter.q !== undefined && filter.q !== '') {
    const like = `%${filter.q.replace(/[\\%_]/g, '\\$&')}%`;
    parts.push(
      sql`(c.name ilike ${like} or c.image_name ilike ${like} or c.key like ${`${filter.q}%`})`,
    );
  }
  if (filter.connection !== undefined)
    parts.push(sql`c.connection_id::text = ${filter.connection}`);
  if (filter.host !== undefined) parts.push(sql`c.host_id::text = ${filter.host}`);
  if (filter.image !== undefined) parts.push(sql`c.image_id::text = ${filter.image}`);
  if (filter.workload !== undefined) parts.push(sql`c.workload_id::text = ${filter.workload}`);
  if (filter.owner === 'none') parts.push(sql`w.owner_id is null`);
  else if (filter.owner !== undefined) parts.push(sql`w.owner_id::text = ${filter.owner}`);
  if (filter.environment !== undefined) {
    parts.push(sql`coalesce(w.environment, h.environment) = ${filter.environment}`);
  }
  if (filter.privileged !== undefined)
    parts.push(sql`c.privileged is ${literal(filter.privileged)}`);
  if (filter.exposed !== undefined) parts.push(sql`c.exposed is ${literal(filter.exposed)}`);
  return parts.length === 0 ? sql`true` : sql.join(parts, sql` and `);
}

const literal = (value: boolean) => (value ? sql`true` : sql`false`);

const sortKeys = {
  name: sql`lower(c.name)`,
  host: sql`lower(h.name)`,
  image: sql`lower(c.image_name)`,
  owner: sql`lower(coalesce(w.owner_name, '~'))`,
} as const;

function needsHost(page: { filter: ContainerFilter; sort: ContainerSort }): boolean {
  return page.sort === 'host' || page.filter.environment !== undefined;
}

export type ContainerPageKey = readonly [string, string];

export async function listContainerRecords(
  db: Db,
  page: {
    filter: ContainerFilter;
    sort: ContainerSort;
    after: ContainerPageKey | undefined;
    limit: number;
  },
): Promise<(ContainerRecord & { sort_key: string })[]> {
  const { after, sort } = page;
  const isTime = sort === '-started';
  const key = isTime ? sql`c.sort_at` : sortKeys[sort];
  const beyond =
    after === undefined
      ? sql`true`
      : isTime
        ? sql`(c.sort_at, c.id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
        : sql`(${key}, c.id) > (${after[0]}, ${after[1]}::uuid)`;
  const order = isTime ? sql`c.sort_at desc, c.id desc` : sql`${key}, c.id`;
  // The page is chosen over as few tables as its order needs, and filled afterwards.
  const found = await sql<ContainerRecord & { sort_key: string }>`
    with page as materialized (
      select c.id, (${key})::text as sort_key, row_number() over (order by ${order}) as position
      from inventory.container c
      join inventory.workload w on w.id = c.workload_id
      ${needsHost(page) ? sql`join inventory.host h on h.id = c.host_id` : sql``}
      where ${conditions(page.filter)} and ${beyond}
      order by ${order} limit ${page.limit})
    select ${columns}, coalesce(${stateOf(page.filter.at)}, c.state) as state, page.sort_key
    from page join (${joins}) on c.id = page.id order by page.position`.execute(db);
  return found.rows;
}

export type ContainerCounts = {
  running: number;
  ended: number;
  unowned: number;
  privileged: number;
  exposed: number;
};

/** Ended containers are counted up to this: beyond it "100,000 and more" is as good. */
export const ENDED_COUNTED_MAX = 100_000;

export async function countContainers(db: Db): Promise<ContainerCounts> {
  const found = await sql<ContainerCounts>`
    select count(*)::integer as running,
           count(*) filter (where w.owner_id is null)::integer as unowned,
           count(*) filter (where c.privileged)::integer as privileged,
           count(*) filter (where c.exposed)::integer as exposed,
           (select count(*)::integer from (
             select from inventory.container e where e.ended_at is not null
             limit ${ENDED_COUNTED_MAX}) x) as ended
    from inventory.container c join inventory.workload w on w.id = c.workload_id
    where ${live}`.execute(db);
  return found.rows[0] as ContainerCounts;
}

export async function listSilentConnections(db: Db): Promise<string[]> {
  const found = await sql<{ name: string }>`
    select name from connections.connection_freshness
    where stale and removed_at is null order by name limit 100`.execute(db);
  return found.rows.map((row) => row.name);
}

export type ContainerDetail = ContainerRecord & {
  facts: ContainerFacts | null;
  digest: string | null;
  image_created_at: Date | null;
  catalogued_at: Date | null;
  catalogue_evidence_id: string | null;
  executable_count: number | null;
  unexplained_count: number | null;
  problem_count: number | null;
  catalogue_error: string | null;
  layer_count: number | null;
  image_number: number | null;
  stopped_reason: string | null;
};

export async function findContainer(db: Db, id: string): Promise<ContainerDetail | undefined> {
  const found = await sql<ContainerDetail>`
    select ${columns}, c.state, c.facts, i.config_digest as digest,
           i.created_at as image_created_at, i.catalogued_at, i.catalogue_evidence_id,
           i.executable_count, i.unexplained_count, i.problem_count, i.catalogue_error,
           cardinality(i.diff_ids) as layer_count, i.number as image_number, f.stopped_reason
    from ${joins} where c.id = ${id}::uuid`.execute(db);
  return found.rows[0];
}

export async function listRunsOfWorkload(
  db: Db,
  run: { workloadId: string; exceptId: string; limit: number },
): Promise<ContainerRecord[]> {
  const found = await sql<ContainerRecord>`
    select ${columns}, c.state from ${joins}
    where c.workload_id = ${run.workloadId}::uuid and c.id <> ${run.exceptId}::uuid
    order by c.sort_at desc, c.id desc limit ${run.limit}`.execute(db);
  return found.rows;
}

export type EventRow = {
  id: string;
  at: Date;
  action: string;
  detail: string | null;
};

export async function listEventRows(
  db: Db,
  page: { containerId: string; after: readonly [string, string] | undefined; limit: number },
): Promise<EventRow[]> {
  const { after } = page;
  const beyond =
    after === undefined ? sql`true` : sql`(at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const found = await sql<EventRow>`
    select id, at, action, detail from inventory.event
    where container_id = ${page.containerId}::uuid and ${beyond}
    order by at desc, id desc limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function listFactHistory(
  db: Db,
  thingId: string,
  limit: number,
): Promise<{ from_at: Date; to_at: Date | null; facts: Record<string, unknown> }[]> {
  const found = await sql<{ from_at: Date; to_at: Date | null; facts: Record<string, unknown> }>`
    select from_at, to_at, facts from inventory.fact_history
    where thing_id = ${thingId}::uuid order by from_at desc limit ${limit}`.execute(db);
  return found.rows;
}
