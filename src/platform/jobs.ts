import { type Job, PgBoss } from 'pg-boss';
import type { z } from 'zod';
import { unavailable } from '../model/errors.ts';
import type { Connection, Database } from './database/database.ts';
import { errorFields, type Log } from './log.ts';

/** A kind of work that is done later, on any node. */
export type JobKind<Data extends object> = {
  /** Slice and verb, `inventory.sync`: also the name of its queue. */
  readonly name: string;
  readonly data: z.ZodType<Data>;
  /**
   * `allowed`: jobs run side by side. `never`: of jobs with one key, one runs and one more waits;
   * sending a third does nothing, since the waiting one will see the same state.
   */
  readonly overlap: 'allowed' | 'never';
  /** How many run at once on this node. */
  readonly concurrency?: number;
  /** After this long a run counts as failed, and its signal is aborted. */
  readonly secondsMax?: number;
  readonly retriesMax?: number;
};

export type SendOptions = {
  /** The transaction that must commit for the job to exist. */
  readonly connection?: Connection;
  /** What the job is about, for kinds that never overlap: a connection's id, say. */
  readonly key?: string;
  readonly afterSeconds?: number;
};

export type JobRun = {
  /** Aborted when the server stops, or the job took too long. */
  readonly signal: AbortSignal;
};

export type JobWork<Data extends object> = (data: Data, run: JobRun) => Promise<void>;

export type Jobs = {
  /**
   * Says who does the work of a kind. Before `start`. A run that throws is retried, later and
   * later.
   */
  handle<Data extends object>(kind: JobKind<Data>, work: JobWork<Data>): void;
  /** Sends a job by a cron expression (UTC), once for all nodes. Before `start`. */
  schedule<Data extends object>(kind: JobKind<Data>, cron: string, data: Data): void;
  send<Data extends object>(kind: JobKind<Data>, data: Data, options?: SendOptions): Promise<void>;
  start(): Promise<void>;
  /** Waits for running jobs a little, then gives them back to the queue. */
  stop(): Promise<void>;
};

type Registered = {
  readonly kind: JobKind<object>;
  readonly work: JobWork<object>;
};

type Schedule = { readonly kind: JobKind<object>; readonly cron: string; readonly data: object };

const STOP_PATIENCE_MS = 10_000;
// New jobs are announced at once; polling finds those whose time to start or to retry has come.
const POLL_SECONDS = 2;
const RETRY_SECONDS_MAX = 3600;
const HEARTBEAT_SECONDS = 20;
const SUPERVISE_SECONDS = 5;

async function createQueue(boss: PgBoss, kind: JobKind<object>): Promise<void> {
  const options = {
    retryLimit: kind.retriesMax ?? 5,
    retryDelay: 5,
    retryBackoff: true,
    retryDelayMax: RETRY_SECONDS_MAX,
    expireInSeconds: kind.secondsMax ?? 900,
    notify: true,
    // Of a server that was killed nothing is heard any more: its jobs are given back soon, not when
    // their longest time is over.
    heartbeatSeconds: HEARTBEAT_SECONDS,
  };
  await boss.createQueue(kind.name, {
    ...options,
    policy: kind.overlap === 'never' ? 'stately' : 'standard',
  });
  // What an earlier version set is brought up to date; createQueue leaves an existing queue alone.
  await boss.updateQueue(kind.name, options);
}

function databaseOf(connection: Connection) {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      const query = { kind: 'RawNode' } as never;
      const result = await connection.executeQuery({
        sql: text,
        parameters: values ?? [],
        query,
        queryId: { queryId: 'pgboss' },
      });
      return { rows: [...result.rows] };
    },
  };
}

function createBoss({ target }: Database): PgBoss {
  return new PgBoss({
    ...(typeof target === 'string' ? { connectionString: target } : target),
    application_name: 'wharfinger jobs',
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    max: 5,
    useListenNotify: true,
    warningSlowQuerySeconds: 30,
  });
}

/** Jobs live in PostgreSQL (pg-boss), so that they survive a crash and any node may do them. */
export function createJobs(database: Database, log: Log): Jobs {
  const registered: Registered[] = [];
  const schedules: Schedule[] = [];
  const stopping = new AbortController();
  const boss = createBoss(database);
  boss.on('error', (error: unknown) => {
    if (!stopping.signal.aborted) log.warn('The job queue had an error.', errorFields(error));
  });
  let hasBegun = false;
  let isStarted = false;
  const runOne = async ({ kind, work }: Registered, job: Job<object>): Promise<void> => {
    const signal = AbortSignal.any([job.signal, stopping.signal]);
    try {
      await work(kind.data.parse(job.data), { signal });
    } catch (error) {
      if (!stopping.signal.aborted) {
        const fields = { job: job.id, kind: kind.name, tries: job.retryCount + 1 };
        log.warn('A job failed.', { ...fields, ...errorFields(error) });
      }
      throw error;
    }
  };
  const startWorkers = async (one: Registered): Promise<void> => {
    const options = {
      localConcurrency: one.kind.concurrency ?? 1,
      pollingIntervalSeconds: POLL_SECONDS,
      notifyPollingIntervalSeconds: POLL_SECONDS,
    };
    await boss.work<object>(one.kind.name, options, async (jobs) => {
      for (const job of jobs) await runOne(one, job);
    });
  };
  return {
    handle: (kind, work) => {
      registered.push({ kind, work: work as JobWork<object> });
    },
    schedule: (kind, cron, data) => {
      schedules.push({ kind, cron, data });
    },
    send: async (kind, data, options = {}) => {
      if (!isStarted) throw unavailable('The job queue is not running.');
      await boss.send(kind.name, kind.data.parse(data), {
        ...(options.connection === undefined ? {} : { db: databaseOf(options.connection) }),
        ...(options.key === undefined ? {} : { singletonKey: options.key }),
        ...(options.afterSeconds === undefined ? {} : { startAfter: options.afterSeconds }),
      });
    },
    start: async () => {
      hasBegun = true;
      await boss.start();
      for (const { kind } of registered) await createQueue(boss, kind);
      isStarted = true;
      for (const { kind, cron, data } of schedules) await boss.schedule(kind.name, cron, data);
      for (const one of registered) await startWorkers(one);
    },
    stop: async () => {
      if (!hasBegun) return;
      hasBegun = false;
      stopping.abort();
      // After a start that failed half way, too: its connections would keep the process alive.
      await boss.stop({ graceful: isStarted, timeout: STOP_PATIENCE_MS });
      isStarted = false;
    },
  };
}
