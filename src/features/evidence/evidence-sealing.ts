import { sql } from 'kysely';
import { parseCheckpointText, signCheckpoint } from '../../formats/checkpoint.ts';
import { evidenceHasher } from '../../formats/evidence-proof.ts';
import {
  createNoteSigner,
  formatSignerKey,
  openNote,
  parseSignerKey,
  parseVerifierKey,
} from '../../formats/signed-note.ts';
import type { Json } from '../../model/canonical-json.ts';
import { HASH_BYTES, isSameHash } from '../../model/merkle.ts';
import { listBorderTiles, splitHashes, TileAppender } from '../../model/merkle-tiles.ts';
import type { Clock } from '../../platform/clock.ts';
import {
  type Database,
  inTransaction,
  type Transaction,
} from '../../platform/database/database.ts';
import type { SecretStore } from '../../platform/secret-store.ts';
import { appendEvidence, parseEvidenceId } from './evidence-append.ts';
import * as store from './evidence-store.ts';
import type { TreeReader } from './evidence-tree.ts';

export type SealingContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly secrets: SecretStore;
  /** What the log is called: a name without spaces and plus, best the address it is served at. */
  readonly origin: string;
};

/** Another log that this one follows, as the first entry of the new log states it. */
export type CitedHead = {
  readonly origin: string;
  readonly verifierKey: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Why it could not simply go on, for a person. */
  readonly reason: string;
};

const KEY_PURPOSE = 'evidence.log-key';

/** Makes the log and its key at the first start; afterwards does nothing. */
export async function ensureLog(context: SealingContext): Promise<store.EvidenceLog> {
  const known = await store.findCurrentLog(context.database.kysely);
  if (known !== undefined) return known;
  return inTransaction(context.database, async (transaction) => {
    await store.waitForSealingLock(transaction);
    return (await store.findCurrentLog(transaction)) ?? (await beginLog(context, transaction));
  });
}

/**
 * Ends the current log and begins another, whose first entry cites the head that the old one can
 * no longer follow. What was sealed in the old log stays there and stays provable.
 */
export async function beginLogCiting(
  context: SealingContext,
  head: CitedHead,
): Promise<store.EvidenceLog> {
  return inTransaction(context.database, async (transaction) => {
    await store.waitForSealingLock(transaction);
    const current = await store.findCurrentLog(transaction);
    if (current !== undefined) await store.endLog(transaction, current.id, context.clock.now());
    return beginLog(context, transaction, head);
  });
}

async function beginLog(
  context: SealingContext,
  transaction: Transaction,
  cited?: CitedHead,
): Promise<store.EvidenceLog> {
  const earlier = await store.listLogs(transaction);
  const at = context.clock.now();
  // A key speaks for one log, so every log gets a name and a key of its own.
  const origins = [...earlier.map((log) => log.origin), ...(cited ? [cited.origin] : [])];
  const origin = nextOrigin(context.origin, origins);
  const signer = createNoteSigner(origin);
  const signingKey = await context.secrets.put(transaction, KEY_PURPOSE, formatSignerKey(signer));
  const log = await store.insertLog(transaction, {
    origin,
    verifierKey: signer.verifierKey,
    signingKey,
    root: Buffer.from(evidenceHasher.empty),
    startedAt: at,
  });
  const id = await appendEvidence(transaction, {
    kind: 'evidence.log-started',
    actor: 'system:evidence',
    subjects: [],
    at,
    body: { origin, verifierKey: signer.verifierKey, ...(cited && { follows: citation(cited) }) },
  });
  // First, before entries that wait already.
  const first = parseEvidenceId(id)?.batch;
  const pending = await sql<store.PendingBatch>`
    select id, entry_count as count, leaf_hashes as leaves from evidence.batch
    where id = ${first ?? 0}`.execute(transaction);
  await placeInTree(transaction, log, pending.rows);
  return log;
}

/** `name`, then `name/2`, `name/3` …, after the highest that was ever used as far as is known. */
function nextOrigin(name: string, used: readonly string[]): string {
  const numbers = used.map((origin) => {
    const [, number] = /\/([1-9][0-9]{0,8})$/.exec(origin.slice(name.length)) ?? [];
    return number === undefined ? 1 : Number(number);
  });
  return used.length === 0 ? name : `${name}/${Math.max(...numbers) + 1}`;
}

function citation({ origin, verifierKey, size, root, reason }: CitedHead): Json {
  const rootText = Buffer.from(root).toString('base64');
  return { origin, verifierKey, size: size.toString(), root: rootText, reason };
}

/**
 * Gives waiting entries their places and grows the tree, in one transaction: at any crash a batch
 * has its place in rows, tiles and head alike, or in none of them. Answers how many entries it
 * placed; 0 when none wait or another process is at it.
 */
export async function placePending(context: SealingContext): Promise<number> {
  return inTransaction(context.database, async (transaction) => {
    if (!(await store.trySealingLock(transaction))) return 0;
    const log = await store.findCurrentLog(transaction);
    if (log === undefined) return 0;
    const batches = await store.listPendingBatches(transaction);
    return batches.length === 0 ? 0 : placeInTree(transaction, log, batches);
  });
}

async function placeInTree(
  transaction: Transaction,
  log: store.EvidenceLog,
  batches: readonly store.PendingBatch[],
): Promise<number> {
  const border = await store.readTiles(transaction, log.id, listBorderTiles(BigInt(log.size)));
  const tree = new TileAppender(evidenceHasher, BigInt(log.size), border);
  if (!isSameHash(tree.root(), log.root)) {
    throw new Error('The tiles of the evidence log do not give its root: it was changed by hand.');
  }
  const places: { id: number; firstIndex: number }[] = [];
  for (const { id, count, leaves } of batches) {
    if (leaves.length !== count * HASH_BYTES) throw new Error('A batch lost a leaf hash.');
    places.push({ id, firstIndex: Number(tree.size) });
    for (const leaf of splitHashes(leaves)) tree.append(leaf);
  }
  await store.placeBatches(transaction, log.id, places);
  await store.writeTiles(transaction, log.id, tree.takeChanged());
  const size = Number(tree.size);
  await store.updateLogHead(transaction, { id: log.id, size, root: tree.root() });
  return size - log.size;
}

/**
 * Signs the head of the tree as it is committed. Only a committed head is ever signed, and only
 * when it continues the last one that was: so a crash between growing and signing can leave a head
 * unsigned for a moment, never two that contradict each other.
 */
export async function signHead(
  context: SealingContext,
  reader: TreeReader,
): Promise<store.SignedHead | undefined> {
  return inTransaction(context.database, async (transaction) => {
    if (!(await store.trySealingLock(transaction))) return undefined;
    const log = await store.findCurrentLog(transaction);
    if (log === undefined || log.size === 0) return undefined;
    const last = await store.findCheckpoint(transaction, log.id);
    if (last?.size === log.size && isSameHash(last.root, log.root)) return undefined;
    await refuseContradiction(transaction, log, { reader, last });
    const signer = parseSignerKey(await context.secrets.get(transaction, log.signingKey));
    const { origin, size, root } = log;
    const note = signCheckpoint({ origin, size: BigInt(size), root }, signer);
    const head = { size, root, note, signedAt: context.clock.now() };
    await store.insertCheckpoint(transaction, log.id, head);
    return head;
  });
}

async function refuseContradiction(
  transaction: Transaction,
  log: store.EvidenceLog,
  { reader, last }: { reader: TreeReader; last: store.SignedHead | undefined },
): Promise<void> {
  if (last === undefined) return;
  // What the signed text says counts, not the columns beside it.
  const text = openNote(last.note, parseVerifierKey(log.verifierKey));
  const { size, root } = parseCheckpointText(text);
  const heads = { older: { size: Number(size), root }, newer: { size: log.size, root: log.root } };
  if (await reader.continues(transaction, log.id, heads)) return;
  throw new Error('The evidence log does not continue its last checkpoint; it will not be signed.');
}

/** Places everything that waits and signs the result. Answers the newest head it signed, if any. */
export async function sealPending(
  context: SealingContext,
  reader: TreeReader,
): Promise<store.SignedHead | undefined> {
  while ((await placePending(context)) > 0);
  return signHead(context, reader);
}
