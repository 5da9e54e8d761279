import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import {
  type Attachment,
  type EvidenceEntry,
  encodeEvidenceEntry,
} from '../../formats/evidence-entry.ts';
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
      select term, batch.id from batch, unnest(${termsOf(entries)}::text[]) as term
    )
    select id from batch`.execute(transaction);
  return (result.rows[0] as { id: number }).id;
}

export type TermKind = 'subject' | 'kind' | 'actor' | 'attachment';

const prefixes = { subject: 's', kind: 'k', actor: 'a', attachment: 'd' } as const;

/** A thing that a batch is found by. */
export function formatTerm(kind: TermKind, value: string): string {
  return `${prefixes[kind]} ${value}`;
}

function termsOf(
  entries: readonly Pick<EvidenceEntry, 'kind' | 'actor' | 'subjects' | 'attachments'>[],
): string[] {
  const terms = new Set<string>();
  for (const { kind, actor, subjects, attachments } of entries) {
    terms.add(formatTerm('kind', kind)).add(formatTerm('actor', actor));
    for (const subject of subjects) terms.add(formatTerm('subject', subject));
    for (const { digest } of attachments ?? []) terms.add(formatTerm('attachment', digest));
  }
  return [...terms];
}
