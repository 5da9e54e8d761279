import { sql } from 'kysely';
import type { Tile } from '../../model/merkle-tiles.ts';
import type { Connection, Transaction } from '../../platform/database/database.ts';

/** One Merkle log; only the one without an end grows. */
export type EvidenceLog = {
  readonly id: number;
  readonly origin: string;
  readonly verifierKey: string;
  /** Id in the secret store. */
  readonly signingKey: string;
  readonly size: number;
  readonly root: Buffer;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
};

const logColumns = sql`
  id, origin, verifier_key as "verifierKey", signing_key as "signingKey", size, root,
  started_at as "startedAt", ended_at as "endedAt"`;

export async function findCurrentLog(connection: Connection): Promise<EvidenceLog | undefined> {
  const result = await sql<EvidenceLog>`
    select ${logColumns} from evidence.log where ended_at is null`.execute(connection);
  return result.rows[0];
}

export async function listLogs(connection: Connection): Promise<readonly EvidenceLog[]> {
  const result = await sql<EvidenceLog>`
    select ${logColumns} from evidence.log order by id desc limit 1000`.execute(connection);
  return result.rows;
}

export async function insertLog(
  transaction: Transaction,
  log: Pick<EvidenceLog, 'origin' | 'verifierKey' | 'signingKey' | 'root' | 'startedAt'>,
): Promise<EvidenceLog> {
  const { origin, verifierKey, signingKey, root, startedAt } = log;
  const result = await sql<EvidenceLog>`
    insert into evidence.log (origin, verifier_key, signing_key, root, started_at)
    values (${origin}, ${verifierKey}, ${signingKey}, ${root}, ${startedAt})
    returning ${logColumns}`.execute(transaction);
  return result.rows[0] as EvidenceLog;
}

/** Row ids jump, so that ids handed out before a restore never name another entry after it. */
export async function endLog(transaction: Transaction, id: number, at: Date): Promise<void> {
  await sql`update evidence.log set ended_at = ${at} where id = ${id}`.execute(transaction);
  await sql`
    select setval(pg_get_serial_sequence('evidence.batch', 'id'),
      nextval(pg_get_serial_sequence('evidence.batch', 'id')) + 1000000)`.execute(transaction);
}

export async function updateLogHead(
  transaction: Transaction,
  head: { readonly id: number; readonly size: number; readonly root: Uint8Array },
): Promise<void> {
  await sql`
    update evidence.log set size = ${head.size}, root = ${Buffer.from(head.root)}
    where id = ${head.id}`.execute(transaction);
}

/**
 * Whoever holds it may give places and sign; it ends with the transaction. False when another
 * process has it.
 */
export async function trySealingLock(transaction: Transaction): Promise<boolean> {
  const result = await sql<{ got: boolean }>`
    select pg_try_advisory_xact_lock(hashtext('evidence'), hashtext('sealing')) as got`.execute(
    transaction,
  );
  return result.rows[0]?.got === true;
}

export async function waitForSealingLock(transaction: Transaction): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(hashtext('evidence'), hashtext('sealing'))`.execute(transaction);
}

export type PendingBatch = { readonly id: number; readonly count: number; readonly leaves: Buffer };

const SEALED_BATCHES_MAX = 2000;

export async function listPendingBatches(transaction: Transaction): Promise<PendingBatch[]> {
  const result = await sql<PendingBatch>`
    select id, entry_count as count, leaf_hashes as leaves from evidence.batch
    where first_index is null order by id limit ${SEALED_BATCHES_MAX}`.execute(transaction);
  return result.rows;
}

/** Gives batches their places. */
export async function placeBatches(
  transaction: Transaction,
  logId: number,
  places: readonly { readonly id: number; readonly firstIndex: number }[],
): Promise<void> {
  const ids = places.map(({ id }) => id);
  const firsts = places.map(({ firstIndex }) => firstIndex);
  await sql`
    update evidence.batch
    set log_id = ${logId}, first_index = place.first_index, leaf_hashes = null
    from unnest(${ids}::bigint[], ${firsts}::bigint[]) as place (id, first_index)
    where batch.id = place.id`.execute(transaction);
}

type TileKey = { readonly level: number; readonly index: bigint };

export async function readTiles(
  connection: Connection,
  logId: number,
  keys: readonly TileKey[],
): Promise<Tile[]> {
  const levels = keys.map(({ level }) => level);
  const indexes = keys.map(({ index }) => index.toString());
  const result = await sql<{ level: number; index: number; hashes: Buffer }>`
    select tile.level, tile.index, tile.hashes
    from unnest(${levels}::smallint[], ${indexes}::bigint[]) as key (level, index)
    join evidence.tile on tile.log_id = ${logId}
      and tile.level = key.level and tile.index = key.index`.execute(connection);
  return result.rows.map(({ level, index, hashes }) => ({ level, index: BigInt(index), hashes }));
}

export async function writeTiles(
  transaction: Transaction,
  logId: number,
  tiles: readonly Tile[],
): Promise<void> {
  const levels = tiles.map(({ level }) => level);
  const indexes = tiles.map(({ index }) => index.toString());
  const lengths = tiles.map(({ hashes }) => hashes.length);
  let end = 0;
  const ends = lengths.map((length) => (end += length));
  // All in one value, as PostgreSQL takes a list of byte strings only as text.
  const hashes = Buffer.concat(tiles.map((tile) => tile.hashes));
  // A tile only ever grows: a shorter or different beginning would be another history.
  const result = await sql<{ level: number }>`
    insert into evidence.tile (log_id, level, index, hashes)
    select ${logId}::integer, level, index,
      substring(${hashes}::bytea from stop - length + 1 for length)
    from unnest(${levels}::smallint[], ${indexes}::bigint[], ${lengths}::integer[],
      ${ends}::integer[]) as piece (level, index, length, stop)
    on conflict (log_id, level, index) do update set hashes = excluded.hashes
      where substring(excluded.hashes for length(tile.hashes)) = tile.hashes
    returning level`.execute(transaction);
  if (result.rows.length !== tiles.length) throw new Error('A tile of the log was changed.');
}

export type SignedHead = {
  readonly size: number;
  readonly root: Buffer;
  readonly note: string;
  readonly signedAt: Date;
};

/** The newest checkpoint of a log, or the one of exactly this size. */
export async function findCheckpoint(
  connection: Connection,
  logId: number,
  size?: number,
): Promise<SignedHead | undefined> {
  const result = await sql<SignedHead>`
    select size, root, note, signed_at as "signedAt" from evidence.checkpoint
    where log_id = ${logId} and (${size ?? null}::bigint is null or size = ${size ?? null})
    order by size desc limit 1`.execute(connection);
  return result.rows[0];
}

export async function insertCheckpoint(
  transaction: Transaction,
  logId: number,
  { size, root, note, signedAt }: SignedHead,
): Promise<void> {
  await sql`
    insert into evidence.checkpoint (log_id, size, root, note, signed_at)
    values (${logId}, ${size}, ${root}, ${note}, ${signedAt})`.execute(transaction);
}

export async function countPending(connection: Connection): Promise<number> {
  const result = await sql<{ pending: number }>`
    select coalesce(sum(entry_count), 0)::bigint as pending from evidence.batch
    where first_index is null`.execute(connection);
  return result.rows[0]?.pending ?? 0;
}
