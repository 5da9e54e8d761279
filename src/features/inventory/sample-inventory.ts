import { sql } from 'kysely';
import type { Connection, Transaction } from '../../platform/database/database.ts';
import { forgetImages } from '../components/components.ts';

export type SampleCount = { hosts: number; containers: number; images: number };

export async function countSample(db: Connection): Promise<SampleCount> {
  const found = await sql<SampleCount>`
    select (select count(*)::integer from inventory.host where sample) as hosts,
           (select count(*)::integer from inventory.container where sample) as containers,
           (select count(*)::integer from inventory.image where sample) as images`.execute(db);
  return found.rows[0] as SampleCount;
}

/** The days before today, counted from what was recorded. */
export async function writeSampleDays(
  trx: Transaction,
  days: { now: Date; days: number },
): Promise<void> {
  await sql`
    insert into inventory.daily_count
      (day, sample, running, unowned, not_catalogued, started, ended)
    select d.at::date, true, count(c.id) filter (where r.running),
           count(c.id) filter (where r.running and w.owner_id is null), 0,
           count(c.id) filter (where c.started_at >= d.at and c.started_at < d.till),
           count(c.id) filter (where c.ended_at >= d.at and c.ended_at < d.till)
    from (
      select n as at, n + interval '1 day' as till
      from generate_series(date_trunc('day', ${days.now}::timestamptz) - ${days.days} * interval '1 day',
        date_trunc('day', ${days.now}::timestamptz) - interval '1 day', interval '1 day') n) d
    left join inventory.container c on c.sample
    left join inventory.workload w on w.id = c.workload_id
    cross join lateral (
      select c.started_at < d.till and coalesce(c.ended_at, c.gone_at, 'infinity') >= d.till
        as running) r
    group by d.at
    on conflict do nothing`.execute(trx);
}

/** Takes everything that is marked as sample out again, and what only it brought. */
export async function removeSampleInventory(
  trx: Transaction,
  connectionIds: readonly string[],
): Promise<void> {
  const ids = [...connectionIds];
  await sql`
    delete from inventory.fact_history where thing_id in (
      select id from inventory.host where sample
      union all select id from inventory.container where sample
      union all select id from inventory.image where sample
      union all select id from inventory.repository where sample)`.execute(trx);
  await sql`delete from inventory.event where connection_id = any(${ids}::uuid[])`.execute(trx);
  // Processor times go with their containers.
  await sql`delete from inventory.container where sample`.execute(trx);
  await sql`delete from inventory.workload where sample`.execute(trx);
  await sql`delete from inventory.host where sample`.execute(trx);
  await sql`delete from inventory.repository where sample`.execute(trx);
  await sql`delete from inventory.tag where connection_id = any(${ids}::uuid[])`.execute(trx);
  await sql`
    delete from inventory.image_place where connection_id = any(${ids}::uuid[])`.execute(trx);
  const images = await sql<{ id: string; number: number }>`
    delete from inventory.image where sample returning id, number`.execute(trx);
  await forgetImages(trx, images.rows);
  await sql`delete from inventory.daily_count where sample`.execute(trx);
}
