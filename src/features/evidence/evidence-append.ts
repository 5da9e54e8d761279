import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { type Attachment, encodeEvidenceEntry } from '../../formats/evidence-entry.ts';
import { evidenceHasher } from '../../formats/evidence-proof.ts';
import { encodeEntryBundle } from '../../formats/tlog-tiles.ts';
import type { Json } from '../../model/canonical-json.ts';
import type { Transaction } from '../../platform/database/database.ts';

/** What a caller says happened. Ids only; personal data never, or as a salted hash. */
export type NewEvidence = {
  /** In the past tense, slice first: `connection.added`, `sign-in.owner-set-up`. */
  readonly kind: string;
  /** `user:…`, `system:…`, `policy:…`; see actorId of model/roles.ts. */
  readonly actor: string;
  /** `container:…`, `image:sha256:…`, at most 100. */
  readonly subjects: readonly string[];
  readonly at: Date;
  readonly body?: Json | undefined;
  /** From storeAttachment, in the same transaction. */
  readonly attachments?: readonly Attachment[] | undefined;
};

/** Names an entry from the moment of its append: the row it came with, and its place in there. */
export type EvidenceId = string;

const BATCH_ENTRIES_MAX = 1024;
const BATCH_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Appends one entry in the caller's transaction: it is in the log exactly if the transaction
 * commits. It gets its place in the Merkle tree a moment later, so that appends never wait for one
 * another. Answers the id that the entry is found by from now on.
 */
export async function appendEvidence(
  transaction: Transaction,
  entry: NewEvidence,
): Promise<EvidenceId> {
  const [id] = await appendEvidenceBatch(transaction, [entry]);
  return id as EvidenceId;
}

/** Appends many entries at once, in their order; far cheaper than one by one. */
export async function appendEvidenceBatch(
  transaction: Transaction,
  entries: readonly NewEvidence[],
): Promise<EvidenceId[]> {
  const ids: EvidenceId[] = [];
  for (const batch of splitIntoBatches(entries)) {
    const row = await insertBatch(transaction, batch);
    for (let position = 0; position < batch.entries.length; position += 1) {
      ids.push(formatEvidenceId(row, position));
    }
  }
  return ids;
}

export function formatEvidenceId(batch: number, position: number): EvidenceId {
  return `${batch}-${position}`;
}

export function parseEvidenceId(id: string): { batch: number; position: number } | undefined {
  const [, batch, position] = /^([1-9][0-9]{0,14})-([0-9]{1,4})$/.exec(id) ?? [];
  return batch === undefined ? undefined : { batch: Number(batch), position: Number(position) };
}

export type EncodedBatch = {
  readonly entries: readonly NewEvidence[];
  readonly encoded: readonly Uint8Array[];
};

function splitIntoBatches(entries: readonly NewEvidence[]): EncodedBatch[] {
  const batches: { entries: NewEvidence[]; encoded: Uint8Array[] }[] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    const encoded = encodeNewEvidence(entry);
    let batch = batches.at(-1);
    const isFull = batch?.entries.length === BATCH_ENTRIES_MAX;
    if (batch === undefined || isFull || bytes + encoded.length > BATCH_BYTES_MAX) {
      batch = { entries: [], encoded: [] };
      batches.push(batch);
      bytes = 0;
    }
    batch.entries.push(entry);
    batch.encoded.push(encoded);
    bytes += encoded.length;
  }
  return batches;
}

export function encodeNewEvidence(entry: NewEvidence): Buffer {
  const { kind, actor, subjects, body, attachments } = entry;
  // The random id is also the salt that keeps an entry from being guessed from its leaf hash.
  const id = randomUUID();
  const at = entry.at.toISOString();
  return encodeEvidenceEntry({ id, kind, at, actor, subjects, body, attachments });
}

async function insertBatch(
  transaction: Transaction,
  { entries, encoded }: EncodedBatch,
): Promise<number> {
  const leaves = Buffer.concat(encoded.map((entry) => evidenceHasher.leaf(entry)));
  const times = entries.map(({ at }) => at.getTime());
  const result = await sql<{ id: number }>`
    with batch as (
      insert into evidence.batch (entry_count, entries, leaf_hashes, earliest_at, latest_at)
      values (${encoded.length}, ${encodeEntryBundle(encoded)}, ${leaves},
        ${new Date(Math.min(...times))}, ${new Date(Math.max(...times))})
      returning id
    ), term as (
      insert into evidence.term (term, batch_id)
      select term, batch.id from batch, unnest(${termsOf(entries)}::bigint[]) as term
    )
    select id from batch`.execute(transaction);
  const { id } = result.rows[0] as { id: number };
  await useAttachments(transaction, id, entries);
  return id;
}

async function useAttachments(
  transaction: Transaction,
  batch: number,
  entries: readonly NewEvidence[],
): Promise<void> {
  const named = entries.flatMap(({ attachments }) => attachments ?? []);
  const hexes = [...new Set(named.map(({ digest }) => digest.slice('sha256:'.length)))];
  if (hexes.length === 0) return;
  await sql`
    insert into evidence.attachment_use (sha256, batch_id)
    select decode(hex, 'hex'), ${batch}::bigint from unnest(${hexes}::text[]) as hex`.execute(
    transaction,
  );
}

export type TermKind = 'subject' | 'kind' | 'actor';

/**
 * What a batch is found by, as 53 bits. Not made to resist an attacker: two terms with one hash
 * only make a reader look at a batch in vain. Never change it; rows keep it.
 */
export function hashTerm(kind: TermKind, value: string): number {
  const text = `${kind} ${value}`;
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    high = Math.imul(high ^ code, 0x9e3779b1);
    low = Math.imul(low ^ code, 0x5f356495);
  }
  high = Math.imul(high ^ (high >>> 16), 0x85ebca6b) ^ Math.imul(low ^ (low >>> 13), 0xc2b2ae35);
  low = Math.imul(low ^ (low >>> 16), 0x85ebca6b) ^ Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return (high & 0x1fffff) * 2 ** 32 + (low >>> 0);
}

function termsOf(entries: readonly NewEvidence[]): number[] {
  const terms = new Set<number>();
  for (const { kind, actor, subjects } of entries) {
    terms.add(hashTerm('kind', kind)).add(hashTerm('actor', actor));
    for (const subject of subjects) terms.add(hashTerm('subject', subject));
  }
  return [...terms];
}
