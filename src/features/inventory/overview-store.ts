import { sql } from 'kysely';
import type { Connection } from '../../platform/database/database.ts';

type Db = Connection;

export type EstateNumbers = {
  running: number;
  unowned: number;
  privileged: number;
  exposed: number;
  images: number;
  not_catalogued: number;
  failed_images: number;
  components: number;
  workloads: number;
  container_workloads: number;
};

export async function readNumbers(db: Db): Promise<EstateNumbers> {
  const found = await sql<EstateNumbers>`
    select
      count(*)::integer as running,
      count(*) filter (where w.owner_id is null)::integer as unowned,
      count(*) filter (where c.privileged)::integer as privileged,
      count(*) filter (where c.exposed)::integer as exposed,
      count(*) filter (where i.catalogue_state is distinct from 'complete'
        and i.catalogue_state is distinct from 'partial')::integer as not_catalogued,
      (select count(*)::integer from inventory.image) as images,
      (select count(*)::integer from inventory.image
       where catalogue_state in ('failed', 'unreachable')) as failed_images,
      (select count(*)::integer from components.known_component) as components,
      count(distinct c.workload_id)::integer as workloads,
      count(distinct c.workload_id) filter (where w.kind in ('container', 'pod-container'))::integer
        as container_workloads
    from inventory.running_container c
    join inventory.workload w on w.id = c.workload_id
    left join inventory.image i on i.id = c.image_id`.execute(db);
  return found.rows[0] as EstateNumbers;
}

/** Writes today's row, and the sample's where it is loaded; after changes and once a day. */
export async function writeDailyCount(db: Db, at: Date): Promise<void> {
  await sql`
    insert into inventory.daily_count as t
      (day, sample, running, unowned, not_catalogued, started, ended)
    select ${at}::timestamptz::date, s.sample, count(c.id),
      count(c.id) filter (where w.owner_id is null),
      count(c.id) filter (where i.catalogue_state is distinct from 'complete'
        and i.catalogue_state is distinct from 'partial'),
      (select count(*) from inventory.container x
       where x.sample = s.sample and x.sort_at >= date_trunc('day', ${at}::timestamptz)
         and x.started_at >= date_trunc('day', ${at}::timestamptz)),
      (select count(*) from inventory.container e
       where e.sample = s.sample and e.ended_at >= date_trunc('day', ${at}::timestamptz))
    from (values (false), (true)) s(sample)
    left join inventory.running_container c on c.sample = s.sample
    left join inventory.workload w on w.id = c.workload_id
    left join inventory.image i on i.id = c.image_id
    where not s.sample or exists (select from inventory.host h where h.sample)
    group by s.sample
    on conflict (day, sample) do update set running = excluded.running, unowned = excluded.unowned,
      not_catalogued = excluded.not_catalogued, started = excluded.started,
      ended = excluded.ended`.execute(db);
}

export type DayRow = {
  day: string;
  running: number;
  unowned: number;
  not_catalogued: number;
  started: number;
  ended: number;
};

export async function listDays(db: Db, days: number): Promise<DayRow[]> {
  const found = await sql<DayRow>`
    select day::text, sum(running)::integer as running, sum(unowned)::integer as unowned,
           sum(not_catalogued)::integer as not_catalogued, sum(started)::integer as started,
           sum(ended)::integer as ended
    from inventory.daily_count group by day order by day desc limit ${days}`.execute(db);
  return found.rows.reverse();
}

export type FreshnessRow = {
  kind: string;
  name: string;
  connection_id: string;
  seen_at: Date | null;
  stale: boolean;
  stopped_reason: string | null;
  stopped_at: Date | null;
  containers: number;
};

export async function listFreshness(db: Db): Promise<FreshnessRow[]> {
  const found = await sql<FreshnessRow>`
    select f.kind, f.name, f.connection_id, f.seen_at, f.stale, f.stopped_reason, f.stopped_at,
           coalesce(n.containers_running, 0) as containers
    from connections.connection_freshness f
    left join inventory.connection_count n on n.connection_id = f.connection_id
    where f.removed_at is null order by f.kind, f.name limit 1000`.execute(db);
  return found.rows;
}

export async function readSince(
  db: Db,
  at: Date,
): Promise<{ images: number; started: number; ended: number; components: number }> {
  const found = await sql<{ images: number; started: number; ended: number; components: number }>`
    select
      (select count(*)::integer from inventory.image where first_seen_at > ${at}) as images,
      (select count(*)::integer from inventory.container
       where sort_at > ${at} and started_at > ${at}) as started,
      (select count(*)::integer from inventory.container where ended_at > ${at}) as ended,
      (select count(*)::integer from components.known_component where first_seen_at > ${at})
        as components`.execute(db);
  return found.rows[0] as { images: number; started: number; ended: number; components: number };
}

export async function searchThings(
  db: Db,
  q: string,
): Promise<{ kind: string; id: string; title: string; detail: string }[]> {
  const prefix = `${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
  const anywhere = `%${prefix}`;
  const found = await sql<{ kind: string; id: string; title: string; detail: string }>`
    (select 'container' as kind, c.id, c.name as title, h.name || ', ' || c.state as detail
     from inventory.container c join inventory.host h on h.id = c.host_id
     where lower(c.name) like ${prefix} or c.key like ${prefix}
     order by c.gone_at is not null, c.sort_at desc limit 6)
    union all
    (select 'image', i.id, i.name, coalesce(i.platform, '') from inventory.image i
     where lower(i.name) like ${anywhere} or exists (select from inventory.image_digest d
       where d.image_id = i.id and (d.digest like ${prefix} or d.digest like ${`sha256:${prefix}`}))
     order by i.first_seen_at desc limit 6)
    union all
    (select 'component', c.id, c.name || ' ' || c.version, c.type from components.known_component c
     where lower(c.name) like ${prefix} or c.purl = ${q}
     order by lower(c.name), c.number desc limit 6)
    union all
    (select 'host', h.id, h.name, h.engine from inventory.host h
     where lower(h.name) like ${prefix} order by h.name limit 3)
    union all
    (select 'connection', f.connection_id, f.name, f.kind from connections.connection_freshness f
     where f.removed_at is null and lower(f.name) like ${anywhere}
     order by f.name limit 3)`.execute(db);
  return found.rows;
}
