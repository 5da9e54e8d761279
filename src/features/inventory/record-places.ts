import { sql } from 'kysely';
import type {
  EventObservation,
  HostObservation,
  RepositoryObservation,
  TagObservation,
} from '../../model/observation.ts';
import { sameFacts, writeHistory } from './fact-history.ts';
import type { RecordContext } from './record-context.ts';

type KnownHost = {
  id: string;
  key: string;
  name: string;
  engine: string;
  facts: Record<string, unknown>;
  gone_at: Date | null;
};

export async function recordHosts(
  context: RecordContext,
  hosts: readonly HostObservation[],
): Promise<void> {
  if (hosts.length === 0) return;
  const { trx, connectionId, at } = context;
  const known = await sql<KnownHost>`
    select id, key, name, engine, facts, gone_at from inventory.host
    where connection_id = ${connectionId} and key = any(${hosts.map((host) => host.key)})
    for update`.execute(trx);
  const byKey = new Map(known.rows.map((row) => [row.key, row]));
  for (const host of hosts) {
    const old = byKey.get(host.key);
    const id = old?.id ?? context.ids.next();
    context.seen.hosts.add(id);
    const facts = { name: host.name, engine: host.engine, ...host.facts };
    if (old === undefined) {
      await sql`
        insert into inventory.host
          (id, connection_id, key, name, engine, facts, first_seen_at, sample)
        values (${id}, ${connectionId}, ${host.key}, ${host.name}, ${host.engine},
                ${JSON.stringify(host.facts)}, ${at}, ${context.sample})`.execute(trx);
      byKey.set(host.key, { ...host, facts: host.facts, id, gone_at: null });
      await writeHistory(trx, at, [{ id, facts }]);
      context.note({ kind: 'host', id, change: 'appeared' });
      continue;
    }
    const same =
      old.gone_at === null &&
      old.name === host.name &&
      old.engine === host.engine &&
      sameFacts(old.facts, host.facts);
    if (same) continue;
    await sql`
      update inventory.host set name = ${host.name}, engine = ${host.engine},
        facts = ${JSON.stringify(host.facts)}, gone_at = null where id = ${id}`.execute(trx);
    await writeHistory(trx, at, [{ id, facts }]);
    context.note({ kind: 'host', id, change: 'changed' });
  }
}

export async function recordRepositories(
  context: RecordContext,
  repositories: readonly RepositoryObservation[],
): Promise<void> {
  if (repositories.length === 0) return;
  const { trx, connectionId, at } = context;
  const keys = repositories.map((repository) => repository.key);
  const known = await sql<{ id: string; key: string; gone: boolean }>`
    select id, key, gone_at is not null as gone from inventory.repository
    where connection_id = ${connectionId} and key = any(${keys}) for update`.execute(trx);
  const byKey = new Map(known.rows.map((row) => [row.key, row]));
  for (const repository of repositories) {
    const old = byKey.get(repository.key);
    const id = old?.id ?? context.ids.next();
    context.seen.repositories.add(id);
    if (old === undefined) {
      await sql`
        insert into inventory.repository (id, connection_id, key, name, first_seen_at, sample)
        values (${id}, ${connectionId}, ${repository.key}, ${repository.name}, ${at},
                ${context.sample})`.execute(trx);
      byKey.set(repository.key, { id, key: repository.key, gone: false });
      context.note({ kind: 'repository', id, change: 'appeared' });
    } else if (old.gone) {
      await sql`update inventory.repository set gone_at = null where id = ${id}`.execute(trx);
      context.note({ kind: 'repository', id, change: 'changed' });
    }
  }
}

/** A tag is a pointer: a new digest ends the old stretch and begins another. */
export async function recordTags(
  context: RecordContext,
  tags: readonly TagObservation[],
): Promise<void> {
  if (tags.length === 0) return;
  const { trx, connectionId, at } = context;
  const given = JSON.stringify(
    tags.map((tag) => ({ place: tag.where, name: tag.name, digest: tag.digest })),
  );
  for (const tag of tags) context.seen.tags.add(`${tag.where} ${tag.name}`);
  const moved = await sql<{ place: string; name: string }>`
    update inventory.tag t set to_at = ${at}
    from jsonb_to_recordset(${given}::jsonb) as g(place text, name text, digest text)
    where t.connection_id = ${connectionId} and t.to_at is null and t.place = g.place
      and t.name = g.name and t.digest <> g.digest and t.from_at < ${at}
    returning t.place, t.name`.execute(trx);
  const added = await sql<{ place: string; name: string }>`
    insert into inventory.tag (connection_id, place, name, digest, from_at)
    select distinct on (g.place, g.name) ${connectionId}::uuid, g.place, g.name, g.digest,
           ${at}::timestamptz
    from jsonb_to_recordset(${given}::jsonb) as g(place text, name text, digest text)
    where not exists (
      select from inventory.tag t where t.connection_id = ${connectionId} and t.to_at is null
        and t.place = g.place and t.name = g.name)
    on conflict do nothing
    returning place, name`.execute(trx);
  const movedNames = new Set(moved.rows.map((row) => `${row.place} ${row.name}`));
  for (const row of added.rows) {
    const id = `${row.place} ${row.name}`;
    context.note({ kind: 'tag', id, change: movedNames.has(id) ? 'changed' : 'appeared' });
  }
}

export async function recordEvents(
  context: RecordContext,
  events: readonly EventObservation[],
): Promise<void> {
  if (events.length === 0) return;
  const given = JSON.stringify(
    events.map((event) => ({
      id: context.ids.next(),
      key: event.key.slice(0, 500),
      at: event.at,
      action: event.action.slice(0, 100),
      host_key: event.hostKey ?? null,
      container_key: event.containerKey ?? null,
      detail: event.detail ?? null,
    })),
  );
  await sql`
    insert into inventory.event
      (id, connection_id, key, at, action, container_id, host_id, detail)
    select g.id, ${context.connectionId}::uuid, g.key, g.at, g.action, c.id, h.id, g.detail
    from jsonb_to_recordset(${given}::jsonb) as g(id uuid, key text, at timestamptz,
      action text, host_key text, container_key text, detail text)
    left join inventory.host h on h.connection_id = ${context.connectionId} and h.key = g.host_key
    left join inventory.container c on c.host_id = h.id and c.key = g.container_key
    on conflict (connection_id, key) do nothing`.execute(context.trx);
}
