import { sql } from 'kysely';
import type { EvidenceEntry } from '../../formats/evidence-entry.ts';
import { decodeEntryBundle, encodeEntryBundle } from '../../formats/tlog-tiles.ts';
import { notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import type { Connection } from '../../platform/database/database.ts';
import { formatEvidenceId, formatTerm, parseEvidenceId, type TermKind } from './evidence-append.ts';

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

const PENDING_BATCHES_MAX = 500;
const BATCHES_A_ROUND = 16;
/** A page comes short, with a cursor, rather than read on through batches that do not fit. */
const ROUNDS_MAX = 40;

export async function getEntry(connection: Connection, id: string): Promise<StoredEntry> {
  const parsed = parseEvidenceId(id);
  const result = await sql<BatchRow>`
    select id, log_id, first_index, entries from evidence.batch
    where id = ${parsed?.batch ?? 0}`.execute(connection);
  const entry = result.rows.flatMap(unpack)[parsed?.position ?? 0];
  if (entry === undefined) throw notFound('There is no such evidence entry.');
  return entry;
}

function unpack(row: BatchRow): StoredEntry[] {
  const { id, log_id: logId, first_index: first } = row;
  return (decodeEntryBundle(row.entries) ?? []).map((bytes, position) => ({
    id: formatEvidenceId(id, position),
    bytes,
    entry: JSON.parse(Buffer.from(bytes).toString()) as EvidenceEntry,
    ...(logId !== null && first !== null && { place: { logId, index: first + position } }),
  }));
}

/** Newest first: those that still wait for their place, then down the log, then earlier logs. */
export async function listEntries(
  connection: Connection,
  filter: EntryFilter,
  page: { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<StoredEntry>> {
  const items: StoredEntry[] = [];
  let before = parseCursor(page.cursor);
  if (before === undefined) {
    const waiting = await listPending(connection, filter);
    // All of them on one page: they get their places before anyone turns it.
    items.push(...waiting);
    before = { logId: MAX_LOG, index: Number.MAX_SAFE_INTEGER };
  }
  for (let round = 0; round < ROUNDS_MAX && items.length < page.limit; round += 1) {
    const rows = await listBatches(connection, filter, before);
    for (const row of rows) {
      for (const entry of unpack(row).reverse()) {
        const { place } = entry;
        if (place === undefined || !isBefore(place, before) || !fits(entry, filter)) continue;
        if (items.length >= page.limit) return { items, next: cursorOf(before) };
        items.push(entry);
        before = place;
      }
      before = { logId: row.log_id ?? 0, index: row.first_index ?? 0 };
    }
    if (rows.length < BATCHES_A_ROUND) return { items };
  }
  return { items, next: cursorOf(before) };
}

type Place = { readonly logId: number; readonly index: number };

const MAX_LOG = 2 ** 31 - 1;

const cursorOf = ({ logId, index }: Place): string => encodeCursor([logId, index]);

function parseCursor(cursor: string | undefined): Place | undefined {
  const [logId, index] = decodeCursor(cursor) ?? [];
  return Number.isSafeInteger(logId) && Number.isSafeInteger(index)
    ? { logId: Math.min(Number(logId), MAX_LOG), index: Number(index) }
    : undefined;
}

function isBefore(place: Place, { logId, index }: Place): boolean {
  return place.logId < logId || (place.logId === logId && place.index < index);
}

function fits({ entry }: StoredEntry, { subject, actor, kind, from, to }: EntryFilter): boolean {
  const at = Date.parse(entry.at);
  return (
    (subject === undefined || entry.subjects.includes(subject)) &&
    (actor === undefined || entry.actor === actor) &&
    (kind === undefined || entry.kind === kind) &&
    (from === undefined || at >= from.getTime()) &&
    (to === undefined || at < to.getTime())
  );
}

async function listPending(connection: Connection, filter: EntryFilter): Promise<StoredEntry[]> {
  const result = await sql<BatchRow>`
    select id, log_id, first_index, entries from evidence.batch
    where first_index is null and terms @> ${termsOf(filter)}::text[]
    order by id desc limit ${PENDING_BATCHES_MAX}`.execute(connection);
  const entries = result.rows.flatMap((row) => unpack(row).reverse());
  return entries.filter((entry) => fits(entry, filter));
}

function termsOf(filter: EntryFilter): string[] {
  const kinds = ['subject', 'actor', 'kind'] as const satisfies TermKind[];
  return kinds.flatMap((kind) => {
    const value = filter[kind];
    return value === undefined ? [] : [formatTerm(kind, value)];
  });
}

async function listBatches(
  connection: Connection,
  filter: EntryFilter,
  before: Place,
): Promise<BatchRow[]> {
  const terms = termsOf(filter).map(
    (term) => sql`and exists (
      select 1 from evidence.term t
      where t.term = ${term} and t.log_id = b.log_id and t.first_index = b.first_index)`,
  );
  const result = await sql<BatchRow>`
    select id, log_id, first_index, entries from evidence.batch b
    where first_index is not null
      and (log_id, first_index) < (${before.logId}::integer, ${before.index}::bigint)
      ${sql.join(terms, sql` `)}
      ${filter.from === undefined ? sql`` : sql`and latest_at >= ${filter.from}`}
      ${filter.to === undefined ? sql`` : sql`and earliest_at < ${filter.to}`}
    order by log_id desc, first_index desc limit ${BATCHES_A_ROUND}`.execute(connection);
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
