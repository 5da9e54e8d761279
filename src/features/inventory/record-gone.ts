import { type RawBuilder, sql } from 'kysely';
import type { ThingKind } from '../../model/observation.ts';
import { closeHistory } from './fact-history.ts';
import type { RecordContext } from './record-context.ts';

/**
 * A full reading that did not see a thing any more marks it gone. What appeared while the reading
 * ran (by the event stream) is left alone: the list may have been taken before it was there.
 */
export async function markGone(
  context: RecordContext,
  reading: { complete: readonly ThingKind[]; startedAt: Date },
): Promise<void> {
  const { seen } = context;
  const complete = new Set(reading.complete);
  if (complete.has('container')) {
    const gone = await close(context, reading, sql`inventory.container`, seen.containers);
    await closeHistory(context.trx, context.at, gone);
    await endContainers(context, gone);
    for (const id of gone) context.note({ kind: 'container', id, change: 'gone' });
  }
  if (complete.has('image')) {
    for (const id of await closePlaces(context, reading)) {
      context.note({ kind: 'image', id, change: 'gone' });
    }
  }
  if (complete.has('repository')) {
    const gone = await close(context, reading, sql`inventory.repository`, seen.repositories);
    for (const id of gone) context.note({ kind: 'repository', id, change: 'gone' });
  }
  if (complete.has('host')) {
    const gone = await close(context, reading, sql`inventory.host`, seen.hosts);
    for (const id of gone) context.note({ kind: 'host', id, change: 'gone' });
  }
  if (complete.has('tag')) await closeTags(context, reading);
}

async function close(
  context: RecordContext,
  reading: { startedAt: Date },
  table: RawBuilder<unknown>,
  seen: ReadonlySet<string>,
): Promise<string[]> {
  const gone = await sql<{ id: string }>`
    update ${table} t set gone_at = ${context.at}
    where t.connection_id = ${context.connectionId} and t.gone_at is null
      and t.first_seen_at < ${reading.startedAt}
      and not exists (select from unnest(${[...seen]}::uuid[]) s(id) where s.id = t.id)
    returning t.id`.execute(context.trx);
  return gone.rows.map((row) => row.id).sort();
}

/** Nobody saw it end: it ended some time since the last good reading. */
async function endContainers(context: RecordContext, ids: readonly string[]): Promise<void> {
  await sql`
    update inventory.container set state = 'removed', ended_at = coalesce(ended_at, ${context.at})
    where id = any(${[...ids]}::uuid[])`.execute(context.trx);
}

async function closePlaces(
  context: RecordContext,
  reading: { startedAt: Date },
): Promise<string[]> {
  const gone = await sql<{ image_id: string }>`
    update inventory.image_place p set gone_at = ${context.at}
    where p.connection_id = ${context.connectionId} and p.gone_at is null
      and p.first_seen_at < ${reading.startedAt}
      and not exists (
        select from unnest(${[...context.seen.imagePlaces]}::text[]) s(id)
        where s.id = p.place || ' ' || p.key)
    returning p.image_id`.execute(context.trx);
  return [...new Set(gone.rows.map((row) => row.image_id))].sort();
}

async function closeTags(context: RecordContext, reading: { startedAt: Date }): Promise<void> {
  const gone = await sql<{ place: string; name: string }>`
    update inventory.tag t set to_at = ${context.at}
    where t.connection_id = ${context.connectionId} and t.to_at is null
      and t.from_at < ${reading.startedAt}
      and not exists (
        select from unnest(${[...context.seen.tags]}::text[]) s(id)
        where s.id = t.place || ' ' || t.name)
    returning t.place, t.name`.execute(context.trx);
  for (const row of gone.rows) {
    context.note({ kind: 'tag', id: `${row.place} ${row.name}`, change: 'gone' });
  }
}
