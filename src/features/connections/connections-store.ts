import { sql } from 'kysely';
import type { ReadProblem } from '../../model/observation.ts';
import type { Connection } from '../../platform/database/database.ts';

type Db = Connection;

export type ConnectionRow = {
  id: string;
  kind: string;
  name: string;
  settings: Record<string, unknown>;
  secret_id: string | null;
  every_seconds: number;
  follows: boolean;
  paused: boolean;
  sample: boolean;
  created_at: Date;
  removed_at: Date | null;
  last_good_at: Date | null;
  following_since: Date | null;
  last_evidence_id: string | null;
  last_event_at: Date | null;
  last_event_key: string | null;
  watched_until: Date | null;
  stopped_reason: string | null;
  stopped_at: Date | null;
  next_sync_at: Date;
};

export type SyncPart = {
  name: string;
  done: number;
  total?: number;
  state: 'waiting' | 'running' | 'good' | 'partial' | 'failed';
};

export type SyncRow = {
  id: string;
  connection_id: string;
  number: number;
  state: 'running' | 'good' | 'partial' | 'failed';
  started_at: Date;
  ended_at: Date | null;
  parts: SyncPart[];
  problems: ReadProblem[];
  appeared: number;
  changed: number;
  gone: number;
  evidence_id: string | null;
};

export async function insertConnection(
  db: Db,
  row: {
    id: string;
    kind: string;
    name: string;
    settings: unknown;
    secretId: string | null;
    everySeconds: number;
    follows: boolean;
    sample: boolean;
    at: Date;
  },
): Promise<boolean> {
  const added = await sql`
    insert into connections.connection
      (id, kind, name, settings, secret_id, every_seconds, follows, sample, created_at,
       next_sync_at)
    values (${row.id}, ${row.kind}, ${row.name}, ${JSON.stringify(row.settings)}, ${row.secretId},
            ${row.everySeconds}, ${row.follows}, ${row.sample}, ${row.at}, ${row.at})
    on conflict do nothing`.execute(db);
  return added.numAffectedRows === 1n;
}

export async function findConnection(db: Db, id: string): Promise<ConnectionRow | undefined> {
  const found = await sql<ConnectionRow>`
    select * from connections.connection
    where id = ${id}::uuid and removed_at is null`.execute(db);
  return found.rows[0];
}

export async function listConnectionRows(
  db: Db,
  page: { kind?: string | undefined; afterName?: string | undefined; limit: number },
): Promise<ConnectionRow[]> {
  const found = await sql<ConnectionRow>`
    select * from connections.connection
    where removed_at is null
      and (${page.kind ?? null}::text is null or kind = ${page.kind ?? null})
      and (${page.afterName ?? null}::text is null or lower(name) > ${page.afterName ?? null})
    order by lower(name) limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function isNameTaken(db: Db, by: { name: string; id: string }): Promise<boolean> {
  const found = await sql`
    select from connections.connection
    where lower(name) = lower(${by.name}) and removed_at is null and id <> ${by.id}::uuid
    for update`.execute(db);
  return found.rows.length > 0;
}

export async function updateConnection(
  db: Db,
  id: string,
  change: {
    name?: string | undefined;
    paused?: boolean | undefined;
    everySeconds?: number | undefined;
    settings?: unknown;
    secretId?: string | null | undefined;
  },
): Promise<void> {
  const settings = change.settings === undefined ? null : JSON.stringify(change.settings);
  await sql`
    update connections.connection set
      name = coalesce(${change.name ?? null}, name),
      paused = coalesce(${change.paused ?? null}, paused),
      every_seconds = coalesce(${change.everySeconds ?? null}, every_seconds),
      settings = coalesce(${settings}::jsonb, settings),
      secret_id = case when ${change.secretId !== undefined} then ${change.secretId ?? null}::uuid
                  else secret_id end
    where id = ${id}::uuid`.execute(db);
}

export async function markRemoved(db: Db, id: string, at: Date): Promise<void> {
  await sql`
    update connections.connection set removed_at = ${at}, following_since = null, secret_id = null
    where id = ${id}::uuid`.execute(db);
}

/** Connections whose time to be read has come. */
export async function listDue(db: Db, at: Date): Promise<string[]> {
  const due = await sql<{ id: string }>`
    select id from connections.connection
    where removed_at is null and not paused and not sample and next_sync_at <= ${at}
    order by next_sync_at limit 500`.execute(db);
  return due.rows.map((row) => row.id);
}

export async function listFollowed(db: Db): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from connections.connection
    where removed_at is null and not paused and not sample and follows
    order by id limit 5000`.execute(db);
  return found.rows.map((row) => row.id);
}

export async function insertSync(
  db: Db,
  sync: { id: string; connectionId: string; at: Date },
): Promise<SyncRow> {
  const added = await sql<SyncRow>`
    insert into connections.sync_run (id, connection_id, number, state, started_at)
    select ${sync.id}::uuid, ${sync.connectionId}::uuid,
           coalesce(max(number), 0) + 1, 'running', ${sync.at}::timestamptz
    from connections.sync_run where connection_id = ${sync.connectionId}::uuid
    returning *`.execute(db);
  return added.rows[0] as SyncRow;
}

/** Runs that a server left open when it died: nothing of them was recorded. */
export async function failAbandonedSyncs(db: Db, connectionId: string, at: Date): Promise<void> {
  const problems = JSON.stringify([
    { subject: 'the server', message: 'Wharfinger stopped while this ran; it reads again.' },
  ]);
  await sql`
    update connections.sync_run set state = 'failed', ended_at = ${at}, problems = ${problems}::jsonb
    where connection_id = ${connectionId}::uuid and state = 'running'`.execute(db);
}

export async function updateSyncParts(db: Db, id: string, parts: readonly SyncPart[]) {
  await sql`
    update connections.sync_run set parts = ${JSON.stringify(parts)}::jsonb
    where id = ${id}::uuid and state = 'running'`.execute(db);
}

export async function endSync(
  db: Db,
  sync: {
    id: string;
    state: SyncRow['state'];
    at: Date;
    parts: readonly SyncPart[];
    problems: readonly ReadProblem[];
    complete: readonly string[];
    appeared: number;
    changed: number;
    gone: number;
    evidenceId: string;
  },
): Promise<void> {
  await sql`
    update connections.sync_run set state = ${sync.state}, ended_at = ${sync.at},
      parts = ${JSON.stringify(sync.parts)}::jsonb,
      problems = ${JSON.stringify(sync.problems)}::jsonb, complete = ${[...sync.complete]},
      appeared = ${sync.appeared}, changed = ${sync.changed}, gone = ${sync.gone},
      evidence_id = ${sync.evidenceId}
    where id = ${sync.id}::uuid`.execute(db);
}

/** After a sync: when everything was last seen, or why it was not. */
export async function noteReading(
  db: Db,
  reading: {
    connectionId: string;
    runId: string;
    startedAt: Date;
    good: boolean;
    reason: string | null;
    evidenceId: string;
    at: Date;
  },
): Promise<void> {
  await sql`
    update connections.connection set
      last_good_at = case when ${reading.good} then ${reading.startedAt} else last_good_at end,
      last_good_run = case when ${reading.good} then ${reading.runId}::uuid else last_good_run end,
      stopped_reason = ${reading.reason},
      stopped_at = case when ${reading.reason}::text is null then null
                   else coalesce(stopped_at, ${reading.at}) end,
      last_evidence_id = ${reading.evidenceId},
      next_sync_at = ${reading.at}::timestamptz + every_seconds * interval '1 second'
    where id = ${reading.connectionId}::uuid`.execute(db);
}

export async function setFollowing(
  db: Db,
  connectionId: string,
  state: { since: Date | null; reason: string | null; at: Date },
): Promise<void> {
  await sql`
    update connections.connection set following_since = ${state.since},
      stopped_reason = ${state.reason},
      stopped_at = case when ${state.reason}::text is null then null
                   else coalesce(stopped_at, ${state.at}) end
    where id = ${connectionId}::uuid`.execute(db);
}

/** The stream ended, or nobody follows any more: what it held is no longer seen as of now. */
export async function endWatch(db: Db, connectionId: string, at: Date | undefined): Promise<void> {
  await sql`
    update connections.connection set following_since = null,
      watched_until = coalesce(${at ?? null}::timestamptz, watched_until)
    where id = ${connectionId}::uuid`.execute(db);
}

export async function setLastEvent(
  db: Db,
  connectionId: string,
  last: { key: string; at: Date; evidenceId: string | undefined },
): Promise<void> {
  await sql`
    update connections.connection set last_event_at = ${last.at}, last_event_key = ${last.key},
      last_evidence_id = coalesce(${last.evidenceId ?? null}, last_evidence_id)
    where id = ${connectionId}::uuid`.execute(db);
}

/** One writer at a time for a connection: its reading and its events touch the same rows. */
export async function lockConnection(trx: Db, connectionId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(7421, hashtext(${connectionId}))`.execute(trx);
}

export async function insertGap(
  db: Db,
  gap: { connectionId: string; from: Date; to: Date; reason: string },
): Promise<void> {
  await sql`
    insert into connections.gap (connection_id, from_at, to_at, reason)
    values (${gap.connectionId}::uuid, ${gap.from}, ${gap.to}, ${gap.reason})
    on conflict do nothing`.execute(db);
}

export async function findSync(db: Db, id: string): Promise<SyncRow | undefined> {
  const found = await sql<SyncRow>`
    select * from connections.sync_run where id = ${id}::uuid`.execute(db);
  return found.rows[0];
}

export async function listSyncRows(
  db: Db,
  page: { connectionId: string; before: number | undefined; limit: number },
): Promise<SyncRow[]> {
  const found = await sql<SyncRow>`
    select * from connections.sync_run where connection_id = ${page.connectionId}::uuid
      and (${page.before ?? null}::integer is null or number < ${page.before ?? null})
    order by number desc limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function latestSyncs(db: Db, connectionIds: readonly string[]): Promise<SyncRow[]> {
  const found = await sql<SyncRow>`
    select s.* from unnest(${[...connectionIds]}::uuid[]) c(id)
    cross join lateral (
      select * from connections.sync_run r where r.connection_id = c.id
      order by r.number desc limit 1) s`.execute(db);
  return found.rows;
}

export type CountRow = {
  connection_id: string;
  hosts: number;
  containers_running: number;
  images: number;
  repositories: number;
};

/** What each connection holds now, from the inventory's published views. */
export async function countsOf(db: Db, connectionIds: readonly string[]): Promise<CountRow[]> {
  const found = await sql<CountRow>`
    select * from inventory.connection_count
    where connection_id = any(${[...connectionIds]}::uuid[])`.execute(db);
  return found.rows;
}
