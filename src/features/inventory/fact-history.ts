import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { canonicalJson, type Json } from '../../model/canonical-json.ts';
import type { Transaction } from '../../platform/database/database.ts';

export function factsDigest(facts: unknown): Buffer {
  return createHash('sha256')
    .update(canonicalJson(facts as Json))
    .digest();
}

export function sameFacts(one: unknown, other: unknown): boolean {
  return canonicalJson(one as Json) === canonicalJson(other as Json);
}

/** Ends the open stretch of each thing and begins one with these facts. */
export async function writeHistory(
  trx: Transaction,
  at: Date,
  things: readonly { readonly id: string; readonly facts: Readonly<Record<string, unknown>> }[],
): Promise<void> {
  if (things.length === 0) return;
  const given = JSON.stringify(things);
  await sql`
    update inventory.fact_history h set to_at = ${at}
    from jsonb_to_recordset(${given}::jsonb) as g(id uuid)
    where h.thing_id = g.id and h.to_at is null and h.from_at < ${at}`.execute(trx);
  await sql`
    insert into inventory.fact_history (thing_id, from_at, facts)
    select g.id, ${at}::timestamptz, g.facts
    from jsonb_to_recordset(${given}::jsonb) as g(id uuid, facts jsonb)
    on conflict (thing_id, from_at) do update set facts = excluded.facts`.execute(trx);
}

export async function closeHistory(
  trx: Transaction,
  at: Date,
  ids: readonly string[],
): Promise<void> {
  await sql`
    update inventory.fact_history set to_at = ${at}
    where thing_id = any(${[...ids]}::uuid[]) and to_at is null`.execute(trx);
}
