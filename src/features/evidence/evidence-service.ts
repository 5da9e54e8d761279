import { openCheckpoint } from '../../formats/checkpoint.ts';
import { writeEvidenceExport } from '../../formats/evidence-export.ts';
import { formatEvidenceProof } from '../../formats/evidence-proof.ts';
import { parseVerifierKey } from '../../formats/signed-note.ts';
import { parseTilePath, type TileAddress } from '../../formats/tlog-tiles.ts';
import { conflict, notFound } from '../../model/errors.ts';
import { HASH_BYTES } from '../../model/merkle.ts';
import { TILE_WIDTH } from '../../model/merkle-tiles.ts';
import type { Page } from '../../model/page.ts';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { appendEvidence } from './evidence-append.ts';
import { getAttachment, listAttachments, type StoredAttachment } from './evidence-attachments.ts';
import type { EvidenceRow, EvidenceState } from './evidence-contract.ts';
import {
  type EntryFilter,
  getEntry,
  listEntries,
  readBundle,
  type StoredEntry,
} from './evidence-entries.ts';
import { listPublications } from './evidence-publishing.ts';
import type { SealingContext } from './evidence-sealing.ts';
import * as store from './evidence-store.ts';
import type { TreeReader } from './evidence-tree.ts';

export type EvidenceContext = SealingContext & {
  readonly reader: TreeReader;
  /** Why sealing stands still, if it does; see the keeper. */
  readonly findProblem: () => string | undefined;
};

type Query = {
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly subject?: string | undefined;
  readonly actor?: string | undefined;
  readonly kind?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

export async function getState(context: EvidenceContext, actor: Actor): Promise<EvidenceState> {
  authorize(actor, 'evidence.read');
  const connection = context.database.kysely;
  const [log, ...earlierLogs] = await store.listLogs(connection);
  if (log === undefined) throw notFound('The evidence log has not begun yet.');
  const head = await store.findCheckpoint(connection, log.id);
  const problem = context.findProblem();
  return {
    log: showLog(log),
    earlierLogs: earlierLogs.map(showLog),
    ...(head && {
      checkpoint: {
        size: head.size,
        root: head.root.toString('base64'),
        note: head.note,
        signedAt: head.signedAt.toISOString(),
      },
    }),
    pending: await store.countPending(connection),
    publications: await listPublications(connection, log),
    ...(problem !== undefined && { problem }),
  };
}

function showLog(log: store.EvidenceLog): EvidenceState['log'] {
  return {
    origin: log.origin,
    verifierKey: log.verifierKey,
    entries: log.size,
    startedAt: log.startedAt.toISOString(),
    ...(log.endedAt && { endedAt: log.endedAt.toISOString() }),
  };
}

export async function listEvidence(
  context: EvidenceContext,
  actor: Actor,
  { cursor, limit, from, to, ...query }: Query,
): Promise<Page<EvidenceRow>> {
  authorize(actor, 'evidence.read');
  const connection = context.database.kysely;
  const filter: EntryFilter = {
    ...query,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
  const page = await listEntries(connection, filter, { cursor, limit });
  const logs = await store.listLogs(connection);
  return { ...page, items: page.items.map((stored) => showEntry(stored, logs)) };
}

export async function getEvidence(
  context: EvidenceContext,
  actor: Actor,
  id: string,
): Promise<EvidenceRow> {
  authorize(actor, 'evidence.read');
  const connection = context.database.kysely;
  return showEntry(await getEntry(connection, id), await store.listLogs(connection));
}

function showEntry(
  { id, entry, place }: StoredEntry,
  logs: readonly store.EvidenceLog[],
): EvidenceRow {
  const logOrigin = logs.find((log) => log.id === place?.logId)?.origin;
  return {
    id,
    ...(place && { index: place.index }),
    ...(logOrigin !== undefined && { logOrigin }),
    kind: entry.kind,
    at: entry.at,
    actor: entry.actor,
    subjects: [...entry.subjects],
    body: entry.body ?? {},
    attachments: [...(entry.attachments ?? [])],
  };
}

/** The text of a `.tlog-proof` for one entry, under the newest checkpoint of its log. */
export async function proveEntry(
  context: EvidenceContext,
  actor: Actor,
  { id, older }: { readonly id: string; readonly older?: number | undefined },
): Promise<string> {
  authorize(actor, 'evidence.read');
  const connection = context.database.kysely;
  const { bytes, place } = await getEntry(connection, id);
  const head = place && (await store.findCheckpoint(connection, place.logId));
  if (place === undefined || head === undefined || head.size <= place.index) {
    throw conflict('This entry is being sealed; ask again in a moment.', { code: 'not-sealed' });
  }
  const { logId, index } = place;
  const { size, note: checkpoint } = head;
  const hashes = await context.reader.proveInclusion(connection, logId, { index, size });
  if (older === undefined) {
    return formatEvidenceProof({ entry: bytes, index: BigInt(index), hashes, checkpoint });
  }
  if (older > size) throw notFound(`The log has ${size} entries, fewer than ${older}.`);
  const sizes = { olderSize: older, size };
  const grown = await context.reader.proveConsistency(connection, logId, sizes);
  return formatEvidenceProof({
    entry: bytes,
    index: BigInt(index),
    hashes,
    checkpoint,
    older: { size: BigInt(older), hashes: grown },
  });
}

export async function getEvidenceAttachment(
  context: EvidenceContext,
  actor: Actor,
  digest: string,
): Promise<StoredAttachment> {
  authorize(actor, 'evidence.read');
  return getAttachment(context.database.kysely, digest);
}

/** Streams the log with this origin, or the current one, and records that it was taken. */
export async function exportLog(
  context: EvidenceContext,
  actor: Actor,
  origin?: string,
): Promise<AsyncGenerator<Uint8Array>> {
  authorize(actor, 'evidence.export');
  const connection = context.database.kysely;
  const logs = await store.listLogs(connection);
  const log = logs.find((each) => (origin === undefined ? !each.endedAt : each.origin === origin));
  const head = log && (await store.findCheckpoint(connection, log.id));
  if (log === undefined || head === undefined) throw notFound('There is no such signed log.');
  await inTransaction(context.database, (transaction) =>
    appendEvidence(transaction, {
      kind: 'evidence.exported',
      actor: actorId(actor),
      subjects: [],
      at: context.clock.now(),
      body: { origin: log.origin, size: head.size },
    }),
  );
  return writeEvidenceExport({
    checkpoint: openCheckpoint(head.note, parseVerifierKey(log.verifierKey)),
    note: head.note,
    readBundle: (address) => readEntriesTile(context, log.id, address),
    readTile: (address) => readHashTile(context, log.id, address),
    attachments: listAttachments(connection, { id: log.id, size: head.size }),
  });
}

export async function getLogCheckpoint(context: EvidenceContext, actor: Actor): Promise<string> {
  authorize(actor, 'evidence.read');
  const log = await store.findCurrentLog(context.database.kysely);
  const head = log && (await store.findCheckpoint(context.database.kysely, log.id));
  if (head === undefined) throw notFound('The evidence log has not been signed yet.');
  return head.note;
}

/** The bytes at `tile/…` of the current log, as far as it is signed. */
export async function getLogTile(
  context: EvidenceContext,
  actor: Actor,
  path: string,
): Promise<Uint8Array> {
  authorize(actor, 'evidence.read');
  const address = parseTilePath(path);
  const log = await store.findCurrentLog(context.database.kysely);
  const head = log && (await store.findCheckpoint(context.database.kysely, log.id));
  if (address === undefined || log === undefined || head === undefined) throw noTile();
  if (!isWithin(BigInt(head.size), address)) throw noTile();
  return address.level === 'entries'
    ? readEntriesTile(context, log.id, address)
    : readHashTile(context, log.id, address);
}

const noTile = () => notFound('There is no such tile in the signed log.');

/** Whether a tree of this size has the tile at this width: all its hashes are of signed entries. */
function isWithin(size: bigint, { level, index, width }: TileAddress): boolean {
  const height = BigInt(8 * (level === 'entries' ? 0 : level));
  return index * BigInt(TILE_WIDTH) + BigInt(width) <= size >> height;
}

async function readEntriesTile(
  context: EvidenceContext,
  logId: number,
  { index, width }: TileAddress,
): Promise<Uint8Array> {
  const start = Number(index) * TILE_WIDTH;
  return readBundle(context.database.kysely, logId, { start, width });
}

async function readHashTile(
  context: EvidenceContext,
  logId: number,
  { level, index, width }: TileAddress,
): Promise<Uint8Array> {
  if (level === 'entries') throw noTile();
  const [tile] = await store.readTiles(context.database.kysely, logId, [{ level, index }]);
  // A tile only grows, so a partial one is the beginning of what is stored.
  const hashes = tile?.hashes.subarray(0, width * HASH_BYTES);
  if (hashes?.length !== width * HASH_BYTES) throw noTile();
  return hashes;
}
