import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, publicMessage } from '../../model/errors.ts';
import type { Observation } from '../../model/observation.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { errorFields } from '../../platform/log.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import { lockStoppedAt, tellHealth } from './connection-notices.ts';
import * as store from './connections-store.ts';
import { FollowLocks } from './follow-locks.ts';
import { afterCommit, newRecorder, type SyncContext, storeChanges } from './sync-engine.ts';

const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 30_000;
const LOOK_EVERY_MS = 5_000;

/**
 * Keeps an event stream open for every connection that has one. Of several servers on one database
 * only one follows a connection: whoever holds its advisory lock.
 */
export class Followers {
  readonly #context: SyncContext;
  readonly #requestSync: (connectionId: string) => Promise<void>;
  readonly #running = new Map<string, { stop: AbortController; done: Promise<void> }>();
  readonly #stop = new AbortController();
  readonly #locks: FollowLocks;
  #loop: Promise<void> = Promise.resolve();

  constructor(context: SyncContext, requestSync: (connectionId: string) => Promise<void>) {
    this.#context = context;
    this.#requestSync = requestSync;
    this.#locks = new FollowLocks(context.database, () => {
      for (const running of this.#running.values()) running.stop.abort();
    });
  }

  start(): void {
    this.#loop = this.#supervise();
  }

  /** Looks at once, after a connection was added, changed or removed on this node. */
  async refresh(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    const wanted = new Set(await store.listFollowed(this.#context.database.kysely));
    for (const [id, running] of this.#running) if (!wanted.has(id)) running.stop.abort();
    for (const id of wanted) {
      if (this.#running.has(id)) continue;
      const stop = new AbortController();
      const done = this.#hold(id, stop.signal).finally(() => this.#running.delete(id));
      this.#running.set(id, { stop, done });
    }
  }

  /** After new settings: the stream begins again with them. */
  async restart(connectionId: string): Promise<void> {
    const running = this.#running.get(connectionId);
    running?.stop.abort();
    await running?.done;
    await this.refresh();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const running of this.#running.values()) running.stop.abort();
    await Promise.all([...this.#running.values()].map((running) => running.done));
    await this.#loop;
    await this.#locks.close();
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.refresh().catch((error: unknown) => {
        this.#context.log.warn('Followers were not refreshed.', errorFields(error));
      });
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Follows while this node holds the lock; the lock goes with its database session. */
  async #hold(connectionId: string, signal: AbortSignal): Promise<void> {
    try {
      if (!(await this.#locks.take(connectionId))) return;
      try {
        await this.#followAgainAndAgain(connectionId, signal);
      } finally {
        await this.#locks.giveBack(connectionId);
      }
    } catch (error) {
      this.#context.log.warn('A follower ended.', errorFields(error));
    }
  }

  async #followAgainAndAgain(connectionId: string, signal: AbortSignal): Promise<void> {
    const { database, clock } = this.#context;
    let wait = RETRY_MS_MIN;
    while (!signal.aborted) {
      const row = await store.findConnection(database.kysely, connectionId);
      if (row === undefined || row.paused) break;
      const opened = await this.#followOnce(row, signal).catch(async (error: unknown) => {
        if (signal.aborted) return false;
        if (!(error instanceof Failure)) {
          this.#context.log.error('Following failed.', errorFields(error));
        }
        const reason = publicMessage(error);
        await this.#setFollowing(row, { since: null, reason, at: clock.now() });
        return false;
      });
      wait = opened ? RETRY_MS_MIN : Math.min(wait * 2, RETRY_MS_MAX);
      await sleep(wait, undefined, { signal }).catch(() => {});
    }
    await store.endWatch(database.kysely, connectionId, undefined);
  }

  async #followOnce(row: store.ConnectionRow, signal: AbortSignal): Promise<boolean> {
    const { database, clock } = this.#context;
    const { connector, settings } = await this.#context.openConnector(row);
    const session = await connector.open({ signal, clock }, settings);
    let opened = false;
    try {
      await session.follow?.({
        since: row.last_event_at ?? row.last_good_at ?? clock.now(),
        ...(row.watched_until === null ? {} : { watchedUntil: row.watched_until }),
        ...(row.last_event_key === null ? {} : { lastEventKey: row.last_event_key }),
        onOpen: () => {
          opened = true;
          void this.#opened(row).catch((error: unknown) => {
            this.#context.log.warn('The stream was not noted.', errorFields(error));
          });
        },
        onObserved: (batch, last) => this.#record(row, batch, last),
        onGap: (gap) => store.insertGap(database.kysely, { connectionId: row.id, ...gap }),
      });
      return opened;
    } finally {
      if (opened) await store.endWatch(database.kysely, row.id, clock.now());
      await session.close();
    }
  }

  /** What changed while nobody watched shows in a full reading: the stream alone cannot tell. */
  async #opened(row: store.ConnectionRow): Promise<void> {
    const at = this.#context.clock.now();
    await this.#setFollowing(row, { since: at, reason: null, at });
    await this.#requestSync(row.id);
  }

  async #setFollowing(
    row: store.ConnectionRow,
    state: { since: Date | null; reason: string | null; at: Date },
  ): Promise<void> {
    await inTransaction(this.#context.database, async (trx) => {
      const stoppedAt = await lockStoppedAt(trx, row.id);
      await tellHealth(trx, row, { stoppedAt, ...state });
      await store.setFollowing(trx, row.id, state);
    });
  }

  async #record(
    row: store.ConnectionRow,
    batch: readonly Observation[],
    last: { key: string; at: Date } | undefined,
  ): Promise<void> {
    const at = this.#context.clock.now();
    const recorder = newRecorder(this.#context, row, { at });
    await inTransaction(this.#context.database, async (trx) => {
      await store.lockConnection(trx, row.id);
      await recorder.record(trx, batch);
      const { appeared, changed, gone, lines } = recorder.changes();
      let evidenceId: string | undefined;
      if (lines !== '') {
        evidenceId = await appendEvidence(trx, {
          kind: 'connection.followed',
          actor: 'system:follow',
          subjects: [`connection:${row.id}`],
          at,
          body: { appeared, changed, gone },
          attachments: [await storeChanges(trx, lines, at)],
        });
      }
      if (last !== undefined) await store.setLastEvent(trx, row.id, { ...last, evidenceId });
    });
    await afterCommit(this.#context, recorder.changes());
  }
}
