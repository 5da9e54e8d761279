import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testDatabase } from '../../test/harness/database.ts';
import { inTransaction } from './database/database.ts';
import { createJobs, type JobKind, type Jobs } from './jobs.ts';
import { silentLog } from './log.ts';

const database = await testDatabase();
const greet: JobKind<{ name: string }> = {
  name: 'test.greet',
  data: z.object({ name: z.string() }),
  overlap: 'allowed',
};

let jobs: Jobs | undefined;
afterEach(() => jobs?.stop());

/** Promises of the next runs, in order. */
function runsOf() {
  const names: string[] = [];
  const waiting: (() => void)[] = [];
  return {
    names,
    note: async ({ name }: { name: string }): Promise<void> => {
      names.push(name);
      for (const wake of waiting.splice(0)) wake();
    },
    until: async (count: number): Promise<void> => {
      while (names.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

describe('a job', () => {
  it('runs when its transaction commits, and never when it does not', async () => {
    const runs = runsOf();
    jobs = createJobs(database, silentLog);
    jobs.handle(greet, runs.note);
    await jobs.start();
    const started = jobs;

    await inTransaction(database, async (connection) => {
      await started.send(greet, { name: 'lost' }, { connection });
      throw new Error('no');
    }).catch(() => {});
    await inTransaction(database, async (connection) => {
      await started.send(greet, { name: 'kept' }, { connection });
    });
    await runs.until(1);

    expect(runs.names).toEqual(['kept']);
  });

  it('that was sent before a stop runs after the next start', async () => {
    const sender = createJobs(database, silentLog);
    const later = { ...greet, name: 'test.later' };
    sender.handle(later, async (_, { signal }) => {
      await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
    });
    await sender.start();
    await sender.send(later, { name: 'survivor' }, { afterSeconds: 1 });
    await sender.stop();

    const runs = runsOf();
    jobs = createJobs(database, silentLog);
    jobs.handle(later, runs.note);
    await jobs.start();
    await runs.until(1);

    expect(runs.names).toEqual(['survivor']);
  });

  it('of a kind that never overlaps waits once, however often it is sent', async () => {
    const runs = runsOf();
    const alone: JobKind<{ name: string }> = { ...greet, name: 'test.alone', overlap: 'never' };
    jobs = createJobs(database, silentLog);
    jobs.handle(alone, runs.note);
    await jobs.start();

    for (let n = 0; n < 5; n++) {
      await jobs.send(alone, { name: 'same' }, { key: 'same', afterSeconds: 1 });
    }
    await jobs.send(alone, { name: 'other' }, { key: 'other', afterSeconds: 1 });
    await runs.until(2);

    expect(runs.names.toSorted()).toEqual(['other', 'same']);
  });
});
