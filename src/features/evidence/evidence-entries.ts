import { sql } from 'kysely';
import type { EvidenceEntry } from '../../formats/evidence-entry.ts';
import { decodeEntryBundle, encodeEntryBundle } from '../../formats/tlog-tiles.ts';
import { notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import type { Connection } from '../../platform/database/database.ts';
import { formatEvidenceId, hashTerm, parseEvidenceId, type TermKind } from './evidence-append.ts';

/** An entry as stored, and where it stands in the log once it is sealed. */
export type StoredEntry = {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly entry: EvidenceEntry;
  readonly place?: { readonly logId: number; readonly index: number };
};

export type EntryFilter = {
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly kind?: string | undefined;
  readonly from?: Date | undefined;
  /** Not included. */
  readonly to?: Date | undefined;
};

type BatchRow = {
  id: number;
  log_id: number | null;
  first_index: number | null;
  entries: Buffer;
};

const BATCHES_A_ROUND = 16;
/** A page comes short, with a cursor, rather than read on through batches that do not fit. */
const ROUNDS_MAX = 40;

export async function getEntry(connection: Connection, id: string): Promise<StoredEntry> {
  const parsed = parseEvidenceId(id);
  const result = await sql<BatchRow>`
    select id, log_id, first_index, entries from evidence.batch
    where id = ${parsed?.batch ?? 0}`.execute(connection);
  const found = result.rows.flatMap((row) => unpack(row))[parsed?.position ?? 0];
  if (found === undefined) throw notFound('There is no such evidence entry.');
  return found[1];
}

/** The entries of a batch that fit, each with its position in it. */
function unpack(row: BatchRow, filter: EntryFilter = {}): [number, StoredEntry][] {
  const needle = Buffer.from(filter.subject ?? filter.kind ?? filter.actor ?? '');
  const found: [number, StoredEntry][] = [];
  for (const [position, bytes] of (decodeEntryBundle(row.entries) ?? []).entries()) {
    // A search for a few bytes is far cheaper than parsing what cannot fit.
    if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(needle)) continue;
    const entry = JSON.parse(Buffer.from(bytes).toString()) as EvidenceEntry;
    if (fits(entry, filter)) found.push([position, toStored(row, { position, bytes, entry })]);
  }
  return found;
}

type Unpacked = { position: number; bytes: Uint8Array; entry: EvidenceEntry };

function toStored(row: BatchRow, { position, bytes, entry }: Unpacked): StoredEntry {
  const { id, log_id: logId, first_index: first } = row;
  return {
    id: formatEvidenceId(id, position),
    bytes,
    entry,
    ...(logId !== null && first !== null && { place: { logId, index: first + position } }),
  };
}

/** Newest first, in the order of their appends; those that wait for their place are among them. */
export async function listEntries(
  connection: Connection,
  filter: EntryFilter,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<StoredEntry>> {
  const items: StoredEntry[] = [];
  let before = parseCursor(page.cursor) ?? { batch: Number.MAX_SAFE_INTEGER, position: 0 };
  for (let round = 0; round < ROUNDS_MAX && items.length < page.limit; round += 1) {
    const rows = await listBatches(connection, filter, before);
    for (const row of rows) {
      for (const [position, entry] of unpack(row, filter).toReversed()) {
        if (row.id === before.batch && position >= before.position) continue;
        if (items.length >= page.limit) return { items, next: cursorOf(before) };
        items.push(entry);
        before = { batch: row.id, position };
      }
      before = { batch: row.id, position: 0 };
    }
    if (rows.length < BATCHES_A_ROUND) return { items };
  }
  return { items, next: cursorOf(before) };
}

/** Entries before this one: in earlier batches, or further ahead in the same. */
type Before = { readonly batch: number; readonly position: number };

const cursorOf = ({ batch, position }: Before): string => encodeCursor([batch, position]);

function parseCursor(cursor: string | undefined): Before | undefined {
  const [batch, position] = decodeCursor(cursor) ?? [];
  return Number.isSafeInteger(batch) && Number.isSafeInteger(position)
    ? { batch: Number(batch), position: Number(position) }
    : undefined;
}

function fits(entry: EvidenceEntry, { subject, actor, kind, from, to }: EntryFilter): boolean {
  const at = Date.parse(entry.at);
  return (
    (subject === undefined || entry.subjects.includes(subject)) &&
    (actor === undefined || entry.actor === actor) &&
    (kind === undefined || entry.kind === kind) &&
    (from === undefined || at >= from.getTime()) &&
    (to === undefined || at < to.getTime())
  );
}

function termsOf(filter: EntryFilter): number[] {
  const kinds = ['subject', 'actor', 'kind'] as const satisfies TermKind[];
  return kinds.flatMap((kind) => {
    const value = filter[kind];
    return value === undefined ? [] : [hashTerm(kind, value)];
  });
}

async function listBatches(
  connection: Connection,
  filter: EntryFilter,
  before: Before,
): Promise<BatchRow[]> {
  const terms = termsOf(filter).map(
    (term) => sql`and exists (
      select 1 from evidence.term t where t.term = ${term} and t.batch_id = b.id)`,
  );
  const result = await sql<BatchRow>`
    select id, log_id, first_index, entries from evidence.batch b
    where id <= ${before.position === 0 ? before.batch - 1 : before.batch}
      ${sql.join(terms, sql` `)}
      ${filter.from === undefined ? sql`` : sql`and latest_at >= ${filter.from}`}
      ${filter.to === undefined ? sql`` : sql`and earliest_at < ${filter.to}`}
    order by id desc limit ${BATCHES_A_ROUND}`.execute(connection);
  return result.rows;
}

/** A batch has at most this many entries, so the one that holds an index begins no further back. */
const BATCH_ENTRIES_MAX = 1024;

/** `width` entries of a log from `start` on, as an entry bundle. All of them must be sealed. */
export async function readBundle(
  connection: Connection,
  logId: number,
  { start, width }: { readonly start: number; readonly width: number },
): Promise<Buffer> {
  const end = start + width;
  const result = await sql<BatchRow>`
    select id, log_id, first_index, entries from evidence.batch
    where log_id = ${logId} and first_index > ${start - BATCH_ENTRIES_MAX}
      and first_index < ${end} and first_index + entry_count > ${start}
    order by first_index`.execute(connection);
  const entries = result.rows.flatMap((row) => {
    const first = row.first_index ?? 0;
    const all = decodeEntryBundle(row.entries) ?? [];
    return all.slice(Math.max(0, start - first), Math.max(0, end - first));
  });
  if (entries.length !== width) throw notFound('These entries are not in the log.');
  return encodeEntryBundle(entries);
}
