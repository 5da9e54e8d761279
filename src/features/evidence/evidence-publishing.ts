import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { conflict, notFound, publicMessage } from '../../model/errors.ts';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import {
  type Connection,
  inTransaction,
  type Transaction,
} from '../../platform/database/database.ts';
import { appendEvidence } from './evidence-append.ts';
import type { Publication } from './evidence-contract.ts';
import { followNotes, judgeNote } from './evidence-history.ts';
import { checkTarget, openPlace, type PlaceHttp } from './evidence-places.ts';
import type { SealingContext } from './evidence-sealing.ts';
import * as store from './evidence-store.ts';
import type { TreeReader } from './evidence-tree.ts';

export type PublishingContext = SealingContext & {
  readonly reader: TreeReader;
  /** Absent where no outbound calls are made: then only folders can be named. */
  readonly placeHttp?: PlaceHttp | undefined;
};

type Row = {
  id: string;
  target: string;
  added_at: Date;
  log_id: number | null;
  size: number | null;
  published_at: Date | null;
  failures: number;
  problem: string | null;
};

const PUBLICATIONS_MAX = 20;
const EVERY_MS = 60_000;
const RETRY_MS_MIN = 5_000;
const RETRY_MS_MAX = 3_600_000;

const columns = sql`id, target, added_at, log_id, size, published_at, failures, problem`;

export async function listPublications(
  connection: Connection,
  log: store.EvidenceLog,
): Promise<Publication[]> {
  const { rows } = await sql<Row>`
    select ${columns} from evidence.publication where removed_at is null
    order by added_at, id limit ${PUBLICATIONS_MAX}`.execute(connection);
  const head = await store.findCheckpoint(connection, log.id);
  return rows.map((row) => showPublication(row, { logId: log.id, size: head?.size ?? 0 }));
}

function showPublication(row: Row, head: { logId: number; size: number }): Publication {
  const isCurrent = row.log_id === head.logId && row.size === head.size;
  const hasSome = row.size === null ? 'new' : isCurrent ? 'current' : 'behind';
  return {
    id: row.id,
    target: row.target,
    addedAt: row.added_at.toISOString(),
    state: row.problem === null ? hasSome : 'failing',
    ...(row.size !== null && { size: row.size }),
    ...(row.published_at && { publishedAt: row.published_at.toISOString() }),
    ...(row.problem !== null && { problem: row.problem }),
  };
}

/** From now on every signed checkpoint goes there too, at most one a minute. */
export async function addPublication(
  context: PublishingContext,
  actor: Actor,
  target: string,
): Promise<Publication> {
  authorize(actor, 'evidence.manage');
  checkTarget(target);
  return inTransaction(context.database, async (transaction) => {
    const known = await sql<{ target: string }>`
      select target from evidence.publication where removed_at is null`.execute(transaction);
    if (known.rows.some((row) => row.target === target)) {
      throw conflict('Checkpoints go there already.');
    }
    if (known.rows.length >= PUBLICATIONS_MAX) throw conflict('There are 20 places already.');
    const at = context.clock.now();
    const id = randomUUID();
    const { rows } = await sql<Row>`
      insert into evidence.publication (id, target, added_at, next_attempt_at)
      values (${id}, ${target}, ${at}, ${at}) returning ${columns}`.execute(transaction);
    await record(context, transaction, { actor, kind: 'evidence.publication-added', id, target });
    return showPublication(rows[0] as Row, { logId: 0, size: 0 });
  });
}

export async function removePublication(
  context: PublishingContext,
  actor: Actor,
  id: string,
): Promise<void> {
  authorize(actor, 'evidence.manage');
  await inTransaction(context.database, async (transaction) => {
    const { rows } = await sql<{ target: string }>`
      update evidence.publication set removed_at = ${context.clock.now()}
      where id::text = ${id} and removed_at is null returning target`.execute(transaction);
    const target = rows[0]?.target;
    if (target === undefined) throw notFound('There is no such place for checkpoints.');
    await record(context, transaction, { actor, kind: 'evidence.publication-removed', id, target });
  });
}

type Change = { actor: Actor; kind: string; id: string; target: string };

async function record(
  context: PublishingContext,
  transaction: Transaction,
  { actor, kind, id, target }: Change,
): Promise<void> {
  await appendEvidence(transaction, {
    kind,
    actor: actorId(actor),
    subjects: [`publication:${id}`],
    at: context.clock.now(),
    body: { target },
  });
}

export type OutsideNotes = {
  readonly notes: readonly string[];
  /** Targets that did not answer. */
  readonly silent: readonly string[];
};

/** The newest checkpoint of every place, for the comparison at the start. */
export async function readOutsideNotes(context: PublishingContext): Promise<OutsideNotes> {
  const { rows } = await sql<{ target: string }>`
    select target from evidence.publication where removed_at is null
    limit ${PUBLICATIONS_MAX}`.execute(context.database.kysely);
  const notes: string[] = [];
  const silent: string[] = [];
  for (const { target } of rows) {
    try {
      const note = await openPlace(target, context.placeHttp).read();
      if (note !== undefined) notes.push(note);
    } catch {
      silent.push(target);
    }
  }
  return { notes, silent };
}

/** Brings one place that is due up to date. False when none is. Failures are kept and retried. */
export async function publishNext(context: PublishingContext): Promise<boolean> {
  const ahead = await inTransaction(context.database, async (transaction) => {
    const log = await store.findCurrentLog(transaction);
    const head = log && (await store.findCheckpoint(transaction, log.id));
    if (log === undefined || head === undefined) return 'none due';
    const { rows } = await sql<Row>`
      select ${columns} from evidence.publication
      where removed_at is null and next_attempt_at <= ${context.clock.now()}
        and (log_id, size) is distinct from (${log.id}::integer, ${head.size}::bigint)
      order by next_attempt_at limit 1 for update skip locked`.execute(transaction);
    const row = rows[0];
    return row === undefined ? 'none due' : publishTo(context, transaction, { row, log, head });
  });
  // What is there was signed by us and is longer than what we have: it must not be overwritten.
  if (typeof ahead === 'object') await followNotes(context, [ahead.note]);
  return ahead !== 'none due';
}

type Attempt = { row: Row; log: store.EvidenceLog; head: store.SignedHead };

async function publishTo(
  context: PublishingContext,
  transaction: Transaction,
  { row, log, head }: Attempt,
): Promise<'tried' | { note: string }> {
  const now = context.clock.now();
  try {
    const place = openPlace(row.target, context.placeHttp);
    const there = await place.read();
    const judgement = there === undefined ? undefined : await judgeNote(context, log, there);
    if (judgement?.is === 'ahead') return { note: there ?? '' };
    if (judgement?.is === 'foreign') {
      throw conflict('There is already something else at that place; it was left alone.');
    }
    await place.write(head.note, now);
  } catch (error) {
    await recordFailure(transaction, row, { now, problem: publicMessage(error) });
    return 'tried';
  }
  await sql`
    update evidence.publication
    set log_id = ${log.id}, size = ${head.size}, published_at = ${now}, failures = 0,
      problem = null, next_attempt_at = ${new Date(now.getTime() + EVERY_MS)}
    where id = ${row.id}`.execute(transaction);
  await sql`
    insert into evidence.published (publication_id, log_id, size, published_at)
    values (${row.id}, ${log.id}, ${head.size}, ${now})
    on conflict do nothing`.execute(transaction);
  return 'tried';
}

async function recordFailure(
  transaction: Transaction,
  row: Row,
  { now, problem }: { now: Date; problem: string },
): Promise<void> {
  const wait = Math.min(RETRY_MS_MIN * 2 ** Math.min(row.failures, 20), RETRY_MS_MAX);
  await sql`
    update evidence.publication
    set failures = failures + 1, problem = ${problem},
      next_attempt_at = ${new Date(now.getTime() + wait)}
    where id = ${row.id}`.execute(transaction);
}
