import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import { aUser } from '../../../test/harness/notices.ts';
import type { Connector } from '../../connectors/connector.ts';
import { unavailable } from '../../model/errors.ts';
import type { ReadProblem } from '../../model/observation.ts';
import { createIds, manualClock } from '../../platform/clock.ts';
import { silentLog } from '../../platform/log.ts';
import { insertConnection } from './connections-store.ts';
import { runSync, type SyncContext } from './sync-engine.ts';

let database: TestDatabase;
let clock: ReturnType<typeof manualClock>;
let context: SyncContext;
let connectionId: string;
/** What the system answers to the next reading. */
let answer: 'silent' | readonly ReadProblem[] = [];

const harbour: Connector = {
  kind: 'harbour',
  title: 'Harbour',
  reads: 'Nothing but what it is told.',
  leastRights: [],
  fields: [],
  settings: z.unknown(),
  address: () => 'harbour.test',
  follows: false,
  test: async () => ({ found: 'a harbour', plan: [] }),
  open: async () => {
    if (answer === 'silent') throw unavailable('harbour.test does not answer.');
    const problems = answer;
    return { read: async () => ({ complete: [], problems }), close: async () => {} };
  },
};

const read = async (next: typeof answer): Promise<void> => {
  answer = next;
  clock.moveBy(60_000);
  await runSync(context, connectionId, AbortSignal.timeout(30_000));
};

const told = async (): Promise<string[]> => {
  const found = await sql<{ kind: string; times: number }>`
    select n.kind, n.times from notifications.notice n order by n.number`.execute(database.kysely);
  return found.rows.map(({ kind, times }) => (times === 1 ? kind : `${kind} ×${times}`));
};

beforeAll(async () => {
  database = await testDatabase();
  await aUser(database, { role: 'owner', email: 'owner@wharf.test' });
  await aUser(database, { role: 'operator', email: 'operator@wharf.test' });
  await aUser(database, { role: 'viewer', email: 'viewer@wharf.test' });
});

beforeEach(async () => {
  await sql`truncate notifications.notice cascade`.execute(database.kysely);
  clock = manualClock();
  const ids = createIds(clock);
  const nothing = async (): Promise<void> => {};
  context = {
    ...{ database, clock, ids, log: silentLog },
    openConnector: async () => ({ connector: harbour, settings: {} }),
    onImages: nothing,
    onChanged: nothing,
  };
  connectionId = ids.next();
  await insertConnection(database.kysely, {
    ...{ id: connectionId, kind: 'harbour', name: `harbour ${connectionId}`, settings: {} },
    ...{ secretId: null, everySeconds: 60, follows: false, sample: false, at: clock.now() },
  });
});

describe('operators and owners are told', () => {
  it('once that a connection stopped, and once that it works again', async () => {
    await read([]);
    expect(await told()).toEqual([]);
    await read('silent');
    await read('silent');
    await read('silent');
    expect(await told()).toEqual(['connection.stopped']);
    await read([]);
    await read([]);
    expect(await told()).toEqual(['connection.stopped', 'connection.recovered']);
  });

  it('of every outage anew, even when nobody has read of the last', async () => {
    await read('silent');
    await read([]);
    await read('silent');
    expect(await told()).toEqual([
      'connection.stopped',
      'connection.recovered',
      'connection.stopped',
    ]);
  });

  it('why it stopped, and nobody else is', async () => {
    await read('silent');
    const found = await sql<{ email: string; body: string; link: string }>`
      select u.email, n.body, n.link from notifications.inbox_entry e
      join notifications.notice n on n.number = e.notice_number
      join sign_in.known_user u on u.id = e.user_id order by u.email`.execute(database.kysely);
    expect(found.rows.map(({ email }) => email)).toEqual([
      'operator@wharf.test',
      'owner@wharf.test',
    ]);
    expect(found.rows[0]?.body).toContain('harbour.test does not answer.');
    expect(found.rows[0]?.link).toBe(`/connections/${connectionId}`);
  });

  it('of what could not be read, when the reading before could', async () => {
    const berth = (name: string) => ({ subject: name, message: 'is closed' });
    await read([berth('berth 1')]);
    await read([berth('berth 1')]);
    expect(await told()).toEqual(['connection.partial']);
    await read('silent');
    await read([berth('berth 1')]);
    expect((await told()).filter((kind) => kind.startsWith('connection.partial'))).toEqual([
      'connection.partial',
    ]);
    await read([berth('berth 1'), berth('berth 2')]);
    expect((await told())[0], 'while nobody has read the first').toBe('connection.partial ×2');
  });
});
