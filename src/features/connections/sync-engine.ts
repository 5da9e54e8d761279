import type { Connector, ConnectorSession } from '../../connectors/connector.ts';
import { Failure, publicMessage } from '../../model/errors.ts';
import type { Observation, ReadProblem } from '../../model/observation.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import {
  type Database,
  inTransaction,
  type Transaction,
} from '../../platform/database/database.ts';
import { errorFields, type Log } from '../../platform/log.ts';
import { appendEvidence, storeAttachment } from '../evidence/evidence.ts';
import { type ChangeSet, Recorder } from '../inventory/inventory.ts';
import { lockStoppedAt, tellHealth, tellProblems } from './connection-notices.ts';
import * as store from './connections-store.ts';

/** What syncs and followers need; the slice's services share it. */
export type SyncContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The connector of a kind, and its settings with secrets. */
  readonly openConnector: (
    row: store.ConnectionRow,
  ) => Promise<{ connector: Connector; settings: unknown }>;
  /** Told after a commit that new images wait to be catalogued. */
  readonly onImages: (imageIds: readonly string[]) => Promise<void>;
  /** Told after a commit that the estate changed: owners may have to be named anew. */
  readonly onChanged: () => Promise<void>;
};

const PROGRESS_EVERY_MS = 500;
const OBSERVATIONS_MAX = 2_000_000;

/**
 * Reads one connection in full and records it in one transaction with its evidence: either all of
 * a reading is in the inventory, or nothing of it. A failed reading marks nothing gone.
 */
export async function runSync(
  context: SyncContext,
  connectionId: string,
  signal: AbortSignal,
): Promise<void> {
  const { database, clock } = context;
  const row = await store.findConnection(database.kysely, connectionId);
  if (row === undefined || row.paused || row.sample) return;
  const startedAt = clock.now();
  await store.failAbandonedSyncs(database.kysely, row.id, startedAt);
  const sync = await store.insertSync(database.kysely, {
    id: context.ids.next(),
    connectionId: row.id,
    at: startedAt,
  });
  const progress = new Progress(context, sync.id);
  const run: Run = { context, row, sync, startedAt, progress };
  let session: ConnectorSession | undefined;
  try {
    const { connector, settings } = await context.openConnector(row);
    session = await connector.open({ signal, clock }, settings);
    const reading = await readAll(session, progress);
    await recordReading(run, reading);
  } catch (error) {
    if (!(error instanceof Failure)) context.log.error('Sync failed.', errorFields(error));
    await recordFailure(run, error);
  } finally {
    await session?.close();
  }
}

type Run = {
  context: SyncContext;
  row: store.ConnectionRow;
  sync: store.SyncRow;
  startedAt: Date;
  progress: Progress;
};

type Reading = {
  observations: Observation[];
  complete: readonly Parameters<Recorder['markGone']>[1]['complete'][number][];
  problems: readonly ReadProblem[];
};

async function readAll(session: ConnectorSession, progress: Progress): Promise<Reading> {
  const observations: Observation[] = [];
  const outcome = await session.read({
    observe: async (batch) => {
      if (observations.length + batch.length > OBSERVATIONS_MAX) {
        throw new Failure('too-large', 'The system holds more than two million things.');
      }
      observations.push(...batch);
    },
    progress: (part, done, total) => progress.note(part, done, total),
  });
  return { observations, ...outcome };
}

async function recordReading(run: Run, reading: Reading): Promise<void> {
  const { context, row, sync, startedAt, progress } = run;
  const at = context.clock.now();
  const state = reading.problems.length > 0 ? 'partial' : 'good';
  const recorder = newRecorder(context, row, { at, readingSince: startedAt });
  await progress.settle();
  await inTransaction(context.database, async (trx) => {
    await store.lockConnection(trx, row.id);
    for (let start = 0; start < reading.observations.length; start += 2000) {
      await recorder.record(trx, reading.observations.slice(start, start + 2000));
    }
    await recorder.markGone(trx, { complete: reading.complete, startedAt });
    const changes = recorder.changes();
    const evidenceId = await prove(trx, run, { kind: 'connection.synced', state, at, changes });
    const parts = progress.ended(state);
    const { problems, complete } = reading;
    await store.endSync(trx, {
      id: sync.id,
      state,
      at,
      parts,
      problems,
      complete,
      ...changes,
      evidenceId,
    });
    await tellProblems(trx, row, { problems, run: sync.number, at });
    const stoppedAt = await lockStoppedAt(trx, row.id);
    await tellHealth(trx, row, { stoppedAt, reason: null, at });
    await store.noteReading(trx, {
      connectionId: row.id,
      runId: sync.id,
      startedAt,
      good: reading.complete.length > 0,
      reason: null,
      evidenceId,
      at,
    });
  });
  await afterCommit(context, recorder.changes());
}

async function recordFailure(run: Run, error: unknown): Promise<void> {
  const { context, row, sync, startedAt, progress } = run;
  const at = context.clock.now();
  const message = publicMessage(error);
  const none = { appeared: 0, changed: 0, gone: 0, lines: '', imagesToCatalogue: [] };
  await progress.settle();
  await inTransaction(context.database, async (trx) => {
    const proof = { kind: 'connection.sync-failed', state: 'failed', at, changes: none } as const;
    const evidenceId = await prove(trx, run, proof);
    await store.endSync(trx, {
      ...none,
      id: sync.id,
      state: 'failed',
      at,
      parts: progress.ended('failed'),
      problems: [{ subject: row.name, message }],
      complete: [],
      evidenceId,
    });
    const stoppedAt = await lockStoppedAt(trx, row.id);
    await tellHealth(trx, row, { stoppedAt, reason: message, at });
    await store.noteReading(trx, {
      connectionId: row.id,
      runId: sync.id,
      startedAt,
      good: false,
      reason: message,
      evidenceId,
      at,
    });
  });
}

async function prove(
  trx: Transaction,
  run: Run,
  proof: { kind: string; state: string; at: Date; changes: ChangeSet },
): Promise<string> {
  const { appeared, changed, gone, lines } = proof.changes;
  return appendEvidence(trx, {
    kind: proof.kind,
    actor: 'system:sync',
    subjects: [`connection:${run.row.id}`],
    at: proof.at,
    body: {
      run: run.sync.number,
      state: proof.state,
      startedAt: run.startedAt.toISOString(),
      appeared,
      changed,
      gone,
    },
    attachments: lines === '' ? [] : [await storeChanges(trx, lines, proof.at)],
  });
}

export function storeChanges(trx: Transaction, lines: string, at: Date) {
  const content = Buffer.from(lines);
  return storeAttachment(trx, { name: 'changes.txt', mediaType: 'text/plain', content, at });
}

export function newRecorder(
  context: SyncContext,
  row: store.ConnectionRow,
  when: { at: Date; readingSince?: Date },
): Recorder {
  const { id: connectionId, sample } = row;
  return new Recorder({ connectionId, sample, ids: context.ids, ...when });
}

export async function afterCommit(context: SyncContext, changes: ChangeSet): Promise<void> {
  if (changes.imagesToCatalogue.length > 0) await context.onImages(changes.imagesToCatalogue);
  if (changes.appeared + changes.changed + changes.gone > 0) await context.onChanged();
}

/** Progress by part, written down at most twice a second and never in the recording transaction. */
class Progress {
  readonly #parts = new Map<string, store.SyncPart>();
  readonly #context: SyncContext;
  readonly #syncId: string;
  #writtenAt = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(context: SyncContext, syncId: string) {
    this.#context = context;
    this.#syncId = syncId;
  }

  note(name: string, done: number, total?: number): void {
    const state = total !== undefined && done >= total ? 'good' : 'running';
    this.#parts.set(name, { name, done, ...(total === undefined ? {} : { total }), state });
    const now = this.#context.clock.now().getTime();
    if (now - this.#writtenAt < PROGRESS_EVERY_MS) return;
    this.#writtenAt = now;
    const { database, log } = this.#context;
    this.#writing = store
      .updateSyncParts(database.kysely, this.#syncId, [...this.#parts.values()])
      .catch((error: unknown) => log.warn('Progress was not written.', errorFields(error)));
  }

  async settle(): Promise<void> {
    await this.#writing;
  }

  ended(state: 'good' | 'partial' | 'failed'): store.SyncPart[] {
    return [...this.#parts.values()].map((part) =>
      part.state === 'running' ? { ...part, state } : part,
    );
  }
}
