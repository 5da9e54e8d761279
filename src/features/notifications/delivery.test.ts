import { sql } from 'kysely';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import {
  aNotice,
  aNoticesApi,
  aNoticesWorld,
  aUser,
  type NoticesApi,
  type NoticesWorld,
  WEBHOOK_SECRET,
} from '../../../test/harness/notices.ts';
import {
  hasGenuineSignature,
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../../test/harness/webhook-receiver.ts';
import type { Actor } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { Deliverer, retryAfterMs, TRIES_MAX } from './deliverer.ts';
import { type NewNotice, notify } from './notifications.ts';
import type { Delivery, NoticeChannel } from './notifications-contract.ts';

let database: TestDatabase;
let world: NoticesWorld;
let api: NoticesApi;
let owner: Actor;
let receiver: WebhookReceiver;
let channel: NoticeChannel;
let deliverer: Deliverer;

const tell = (notice: NewNotice) => inTransaction(database, (trx) => notify(trx, notice));

const deliveries = async (): Promise<Delivery[]> => {
  const answer = await api.call(owner, 'GET', '/notice-deliveries');
  return answer.json<{ items: Delivery[] }>().items;
};

const countEvidence = async (): Promise<number> => {
  const found = await sql<{ entries: number }>`
    select coalesce(sum(entry_count), 0)::integer as entries from evidence.batch
    `.execute(database.kysely);
  return found.rows[0]?.entries ?? 0;
};

beforeAll(async () => {
  database = await testDatabase();
  world = aNoticesWorld(database);
  api = await aNoticesApi(world);
  const userId = await aUser(database, { role: 'owner', email: 'owner@wharf.test' });
  owner = { kind: 'user', userId, role: 'owner' };
  await aUser(database, { role: 'operator', email: 'operator@wharf.test' });
});

beforeEach(async () => {
  await sql`truncate notifications.channel, notifications.notice cascade`.execute(database.kysely);
  receiver = await startWebhookReceiver();
  const settings = { kind: 'webhook', url: receiver.url, secret: WEBHOOK_SECRET };
  const form = { name: 'duty', severityMin: 'info', settings };
  channel = (await api.call(owner, 'POST', '/notice-channels', form)).json<NoticeChannel>();
  deliverer = new Deliverer(world);
});

afterEach(async () => {
  await deliverer.stop();
  await receiver.close();
});

describe('a notice to a webhook', () => {
  it('arrives once, as a CloudEvent with a signature that a receiver can verify', async () => {
    await tell(aNotice());
    const before = await countEvidence();
    await deliverer.deliverDue();
    await deliverer.deliverDue();

    expect(receiver.calls).toHaveLength(1);
    expect(await countEvidence(), 'one entry that says so').toBe(before + 1);
    const [call] = receiver.calls;
    expect(await hasGenuineSignature(call as never, WEBHOOK_SECRET)).toBe(true);
    const tampered = { ...(call as never as object), body: `${call?.body} ` };
    expect(await hasGenuineSignature(tampered as never, WEBHOOK_SECRET)).toBe(false);
    expect(call?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
    expect(call?.headers['webhook-timestamp']).toBe(String(world.clock.now().getTime() / 1000));
    expect(JSON.parse(call?.body ?? '')).toMatchObject({
      specversion: '1.0',
      source: 'https://wharf.test',
      type: 'wharfinger.notice.berth.taken',
      time: '2026-01-01T00:00:00.000Z',
      data: { title: 'Berth 3 is taken', link: 'https://wharf.test/berths/3' },
    });
    expect(await deliveries()).toMatchObject([{ state: 'delivered', tries: 1 }]);
  });

  it('is not sent when the transaction rolls back', async () => {
    const attempt = inTransaction(database, async (trx) => {
      await notify(trx, aNotice());
      throw new Error('the change failed');
    });
    await expect(attempt).rejects.toThrow('the change failed');
    await deliverer.deliverDue();
    expect(receiver.calls).toEqual([]);
    expect(await deliveries()).toEqual([]);
  });

  it('is sent again after an error, with the same id and text and a new signature', async () => {
    receiver.answer = 500;
    await tell(aNotice());
    await deliverer.deliverDue();
    expect(await deliveries()).toMatchObject([
      { state: 'waiting', lastError: expect.stringContaining('answers 500') },
    ]);
    await deliverer.deliverDue();
    expect(receiver.calls, 'not before its time').toHaveLength(1);

    receiver.answer = 200;
    world.clock.moveBy(retryAfterMs(1, 1));
    await deliverer.deliverDue();
    const [first, second] = receiver.calls;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-timestamp']).not.toBe(first?.headers['webhook-timestamp']);
    expect(await hasGenuineSignature(second as never, WEBHOOK_SECRET)).toBe(true);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', tries: 2 }]);
  });

  it('waits while nothing listens, and arrives when something does', async () => {
    const port = Number(new URL(receiver.url).port);
    await receiver.close();
    await tell(aNotice());
    await deliverer.deliverDue();
    expect(await deliveries()).toMatchObject([
      { state: 'waiting', lastError: expect.stringContaining('nothing listens there') },
    ]);
    receiver = await startWebhookReceiver(port);
    world.clock.moveBy(retryAfterMs(1, 1));
    await deliverer.deliverDue();
    expect(receiver.calls).toHaveLength(1);
  });

  it('goes to no address that an answer names', async () => {
    receiver.answer = 307;
    await tell(aNotice());
    await deliverer.deliverDue();
    expect(receiver.calls).toHaveLength(1);
    expect(await deliveries()).toMatchObject([
      { state: 'waiting', lastError: expect.stringContaining('answers 307') },
    ]);
  });

  it('is parked after many tries, shown, and sent again when a person asks', async () => {
    receiver.answer = 503;
    await tell(aNotice());
    for (let tries = 1; tries <= TRIES_MAX + 3; tries += 1) {
      await deliverer.deliverDue();
      world.clock.moveBy(retryAfterMs(tries, 1));
    }
    expect(receiver.calls).toHaveLength(TRIES_MAX);
    const [parked] = await deliveries();
    expect(parked).toMatchObject({ state: 'parked', tries: TRIES_MAX });
    const listed = await api.call(owner, 'GET', '/notice-channels');
    expect(listed.json<{ items: unknown[] }>().items).toMatchObject([{ parked: 1, waiting: 0 }]);

    receiver.answer = 204;
    const again = await api.call(owner, 'POST', `/notice-deliveries/${parked?.id}/retry`);
    expect(again.status).toBe(202);
    await deliverer.deliverDue();
    expect(await deliveries()).toMatchObject([{ state: 'delivered' }]);
    const ids = new Set(receiver.calls.map((call) => call.headers['webhook-id']));
    expect(ids.size).toBe(1);
    const late = await api.call(owner, 'POST', `/notice-deliveries/${parked?.id}/retry`);
    expect(late.status).toBe(409);
  });

  it('is parked at once when the receiver is gone for good', async () => {
    receiver.answer = 410;
    await tell(aNotice());
    await deliverer.deliverDue();
    expect(await deliveries()).toMatchObject([{ state: 'parked', tries: 1 }]);
  });

  it('is sent again with the same id when the server dies in the middle', async () => {
    receiver.answer = 'never';
    await tell(aNotice());
    // A server that takes it and dies before it hears the answer: nothing is noted.
    const dying = new Deliverer({
      ...world,
      outboundPost: {
        ...world.outboundPost,
        post: async (url, message) => {
          void world.outboundPost.post(url, message).catch(() => {});
          return new Promise<number>(() => {});
        },
      },
    });
    void dying.deliverDue();
    await receiver.until(1);
    expect(await deliveries()).toMatchObject([{ state: 'waiting', tries: 1 }]);
    await deliverer.deliverDue();
    expect(receiver.calls, 'nobody else sends what is being sent').toHaveLength(1);

    receiver.answer = 204;
    world.clock.moveBy(60_000);
    await deliverer.deliverDue();
    expect(receiver.calls).toHaveLength(2);
    const [first, second] = receiver.calls;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', tries: 2 }]);
  });

  it('is sent by one of several servers', async () => {
    for (let berth = 0; berth < 20; berth += 1) await tell(aNotice({ key: `berth:${berth}` }));
    const others = [deliverer, new Deliverer(world), new Deliverer(world)];
    for (let round = 0; round < 8; round += 1) {
      await Promise.all(others.map((one) => one.deliverDue()));
    }
    expect(receiver.calls).toHaveLength(20);
    expect(new Set(receiver.calls.map((call) => call.headers['webhook-id'])).size).toBe(20);
  });

  it('goes by itself while the server runs', async () => {
    deliverer.start();
    await tell(aNotice());
    await receiver.until(1);
    await deliverer.stop();
    expect(await deliveries()).toMatchObject([{ state: 'delivered' }]);
  });

  it('waits while its channel is held, and is given up when the channel is removed', async () => {
    await tell(aNotice());
    const path = `/notice-channels/${channel.id}`;
    await api.call(owner, 'PATCH', path, { enabled: false });
    await deliverer.deliverDue();
    expect(receiver.calls).toEqual([]);
    expect((await api.call(owner, 'DELETE', path)).status).toBe(204);
    expect(await deliveries()).toMatchObject([{ state: 'parked' }]);
  });

  it('stays in the inbox when it matters less than the channel asks for', async () => {
    const path = `/notice-channels/${channel.id}`;
    await api.call(owner, 'PATCH', path, { severityMin: 'critical' });
    await tell(aNotice());
    await tell(aNotice({ key: 'other', severity: 'critical', title: 'Fire' }));
    await deliverer.deliverDue();
    expect(await deliveries()).toMatchObject([{ title: 'Fire' }]);
  });
});

describe('the same thing again', () => {
  it('adds nothing while it is undelivered, and counts', async () => {
    await tell(aNotice());
    await Promise.all([tell(aNotice()), tell(aNotice())]);
    await deliverer.deliverDue();
    expect(receiver.calls).toHaveLength(1);
    const found = await sql<{ times: number }>`
      select times from notifications.notice`.execute(database.kysely);
    expect(found.rows).toEqual([{ times: 3 }]);
  });

  it('is told again a day later, when nobody has read the first', async () => {
    await tell(aNotice());
    await deliverer.deliverDue();
    await tell(aNotice({ at: new Date('2026-01-01T23:59:00Z') }));
    await deliverer.deliverDue();
    expect(receiver.calls).toHaveLength(1);
    await tell(aNotice({ at: new Date('2026-01-02T00:01:00Z') }));
    world.clock.moveBy(2 * 86_400_000);
    await deliverer.deliverDue();
    expect(receiver.calls).toHaveLength(2);
  });
});

describe('waits between tries', () => {
  it('grow up to six hours and are never shorter than half', () => {
    expect([1, 2, 3, 4].map((tries) => retryAfterMs(tries, 1))).toEqual([
      10_000, 30_000, 90_000, 270_000,
    ]);
    expect(retryAfterMs(1, 0)).toBe(5_000);
    expect(retryAfterMs(50, 1)).toBe(6 * 3_600_000);
  });
});
