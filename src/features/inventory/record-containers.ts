import { sql } from 'kysely';
import type { ContainerObservation } from '../../model/observation.ts';
import { closeHistory, factsDigest, writeHistory } from './fact-history.ts';
import type { RecordContext } from './record-context.ts';

type Known = {
  id: string;
  key: string;
  host_id: string;
  facts_digest: Buffer;
  facts: Record<string, unknown> | null;
  gone: boolean;
  written_at: Date | null;
};

/** Containers with what they point to resolved to our ids. */
type Resolved = { observation: ContainerObservation; hostId: string; workloadId: string };

export async function recordContainers(
  context: RecordContext,
  containers: readonly ContainerObservation[],
): Promise<void> {
  if (containers.length === 0) return;
  // The same container twice in a batch: the later look is the truth.
  const latest = [...new Map(containers.map((one) => [`${one.hostKey} ${one.key}`, one])).values()];
  const hosts = await hostIds(context, latest);
  const workloads = await workloadIds(context, latest);
  const resolved = latest.flatMap((observation): Resolved[] => {
    const hostId = hosts.get(observation.hostKey);
    const workloadId = workloads.get(observation.workload.key);
    return hostId === undefined || workloadId === undefined
      ? []
      : [{ observation, hostId, workloadId }];
  });
  const known = await knownContainers(context, resolved);
  await write(context, resolved, known);
  await keepProcessorTimes(context, resolved, hosts);
}

async function hostIds(context: RecordContext, containers: readonly ContainerObservation[]) {
  const keys = [...new Set(containers.map((container) => container.hostKey))];
  const found = await sql<{ id: string; key: string }>`
    select id, key from inventory.host
    where connection_id = ${context.connectionId} and key = any(${keys})`.execute(context.trx);
  return new Map(found.rows.map((row) => [row.key, row.id]));
}

async function workloadIds(context: RecordContext, containers: readonly ContainerObservation[]) {
  const wanted = [...new Map(containers.map((one) => [one.workload.key, one.workload])).values()];
  const rows = wanted.map((workload) => ({ id: context.ids.next(), ...workload }));
  await sql`
    insert into inventory.workload (id, connection_id, key, kind, name, first_seen_at, sample)
    select g.id, ${context.connectionId}::uuid, g.key, g.kind, g.name, ${context.at}::timestamptz,
           ${context.sample}::boolean
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as g(id uuid, key text, kind text, name text)
    on conflict (connection_id, key) do nothing`.execute(context.trx);
  const found = await sql<{ id: string; key: string }>`
    select id, key from inventory.workload
    where connection_id = ${context.connectionId}
      and key = any(${wanted.map((workload) => workload.key)})`.execute(context.trx);
  return new Map(found.rows.map((row) => [row.key, row.id]));
}

async function knownContainers(context: RecordContext, resolved: readonly Resolved[]) {
  const found = await sql<Known>`
    select c.id, c.key, c.host_id, c.facts_digest, c.facts, c.gone_at is not null as gone,
           c.written_at
    from inventory.container c
    where c.host_id = any(${[...new Set(resolved.map((one) => one.hostId))]}::uuid[])
      and c.key = any(${resolved.map((one) => one.observation.key)})
    for update`.execute(context.trx);
  return new Map(found.rows.map((row) => [`${row.host_id} ${row.key}`, row]));
}

async function write(
  context: RecordContext,
  resolved: readonly Resolved[],
  known: ReadonlyMap<string, Known>,
): Promise<void> {
  const rows: Record<string, unknown>[] = [];
  const histories: { id: string; facts: Record<string, unknown> }[] = [];
  const gone: string[] = [];
  for (const one of resolved) {
    const { observation } = one;
    const old = known.get(`${one.hostId} ${observation.key}`);
    const id = old?.id ?? context.ids.next();
    if (observation.state !== 'removed') context.seen.containers.add(id);
    // Events alone tell little: facts once read by inspection are kept.
    const facts = observation.facts ?? old?.facts ?? null;
    const { cpu: _measured, ...lasting } = observation;
    const digest = factsDigest({ ...lasting, facts });
    const isBack = old?.gone === true && observation.state !== 'removed';
    if (old?.facts_digest.equals(digest) === true && !isBack) continue;
    if (old?.gone === true && isBareRemoval(observation)) continue;
    if (isOutdated(context, old)) continue;
    rows.push(rowOf(context, one, { id, facts, digest }));
    histories.push({ id, facts: historyFacts(observation, facts) });
    if (observation.state === 'removed') gone.push(id);
    const change = old === undefined ? 'appeared' : 'changed';
    context.note({ kind: 'container', id, change });
    if (observation.state === 'removed' && old?.gone !== true) {
      context.note({ kind: 'container', id, change: 'gone' });
    }
  }
  if (rows.length === 0) return;
  await upsert(context, rows);
  await sql`
    update inventory.workload set owner_due = true
    where id = any(${rows.map((row) => row['workload_id'])}::uuid[])
      and not owner_due`.execute(context.trx);
  await writeHistory(context.trx, context.at, histories);
  if (gone.length > 0) await closeHistory(context.trx, context.at, gone);
}

/** The event stream recorded it after this reading began: the stream is ahead of the reading. */
function isOutdated(context: RecordContext, old: Known | undefined): boolean {
  const { readingSince } = context;
  if (readingSince === undefined || old === undefined || old.written_at === null) return false;
  return old.written_at > readingSince;
}

/** Says only that it is gone. What is gone already may still be told its times, by later events. */
function isBareRemoval(observation: ContainerObservation): boolean {
  const { state, createdAt, startedAt, endedAt, exitCode } = observation;
  const isTimed = createdAt ?? startedAt ?? endedAt ?? exitCode;
  return state === 'removed' && isTimed === undefined;
}

function historyFacts(observation: ContainerObservation, facts: unknown): Record<string, unknown> {
  const { state, exitCode, startedAt, endedAt, name, imageName, privileged, exposed } = observation;
  const known = typeof facts === 'object' ? facts : {};
  return { state, exitCode, startedAt, endedAt, name, imageName, privileged, exposed, ...known };
}

function rowOf(
  context: RecordContext,
  one: Resolved,
  extra: { id: string; facts: unknown; digest: Buffer },
): Record<string, unknown> {
  const { observation } = one;
  return {
    id: extra.id,
    workload_id: one.workloadId,
    host_id: one.hostId,
    key: observation.key,
    name: observation.name,
    host_key: observation.hostKey,
    image_key: observation.imageKey ?? null,
    image_name: observation.imageName,
    state: observation.state,
    exit_code: observation.exitCode ?? null,
    created_at: observation.createdAt ?? null,
    started_at: observation.startedAt ?? null,
    ended_at: observation.endedAt ?? null,
    privileged: observation.privileged ?? null,
    exposed: observation.exposed ?? null,
    facts: extra.facts,
    facts_digest: extra.digest.toString('hex'),
    gone_at: observation.state === 'removed' ? (observation.endedAt ?? context.at) : null,
  };
}

async function upsert(context: RecordContext, rows: readonly unknown[]): Promise<void> {
  await sql`
    insert into inventory.container as c
      (id, workload_id, host_id, connection_id, key, name, image_id, image_name, state, exit_code,
       created_at, started_at, ended_at, sort_at, privileged, exposed, facts, facts_digest,
       first_seen_at, gone_at, written_at, sample)
    select g.id, g.workload_id, g.host_id, ${context.connectionId}::uuid, g.key, g.name,
           p.image_id, g.image_name, g.state, g.exit_code, g.created_at, g.started_at, g.ended_at,
           coalesce(g.started_at, g.created_at, ${context.at}::timestamptz), g.privileged,
           g.exposed, g.facts, decode(g.facts_digest, 'hex'),
           ${context.at}::timestamptz, g.gone_at, ${context.at}::timestamptz,
           ${context.sample}::boolean
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g(id uuid, workload_id uuid,
      host_id uuid, key text, name text, host_key text, image_key text, image_name text,
      state text, exit_code integer, created_at timestamptz, started_at timestamptz,
      ended_at timestamptz, privileged boolean, exposed boolean, facts jsonb, facts_digest text,
      gone_at timestamptz)
    left join inventory.image_place p on p.connection_id = ${context.connectionId}
      and p.place = g.host_key and p.key = g.image_key and p.gone_at is null
    on conflict (host_id, key) do update set
      name = excluded.name, workload_id = excluded.workload_id,
      image_id = coalesce(excluded.image_id, c.image_id), state = excluded.state,
      exit_code = coalesce(excluded.exit_code, c.exit_code),
      created_at = coalesce(excluded.created_at, c.created_at),
      started_at = coalesce(excluded.started_at, c.started_at),
      sort_at = coalesce(excluded.started_at, c.started_at, excluded.created_at, c.created_at,
                         c.first_seen_at),
      ended_at = case when excluded.state in ('running', 'paused', 'restarting', 'created')
                 then null else coalesce(excluded.ended_at, c.ended_at) end,
      privileged = coalesce(excluded.privileged, c.privileged),
      exposed = coalesce(excluded.exposed, c.exposed),
      facts = coalesce(excluded.facts, c.facts), facts_digest = excluded.facts_digest,
      gone_at = excluded.gone_at, written_at = excluded.written_at`.execute(context.trx);
}

/** One total an hour and container: cannot be read again later, so it is kept from the first. */
async function keepProcessorTimes(
  context: RecordContext,
  resolved: readonly Resolved[],
  hosts: ReadonlyMap<string, string>,
): Promise<void> {
  const rows = resolved.flatMap(({ observation }) => {
    const hostId = hosts.get(observation.hostKey);
    if (observation.cpu === undefined || hostId === undefined) return [];
    return [{ host_id: hostId, key: observation.key, ...observation.cpu }];
  });
  if (rows.length === 0) return;
  await sql`
    insert into inventory.cpu_hour as t (container_id, hour, total_ns, read_at)
    select c.id, date_trunc('hour', g.at), g."totalNs", g.at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as g(host_id uuid, key text, "totalNs" bigint, at timestamptz)
    join inventory.container c on c.host_id = g.host_id and c.key = g.key
    on conflict (container_id, hour) do update
      set total_ns = excluded.total_ns, read_at = excluded.read_at
      where t.read_at < excluded.read_at`.execute(context.trx);
}
