import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import {
  aNotice,
  aNoticesApi,
  aNoticesWorld,
  aUser,
  type NoticesApi,
  WEBHOOK_SECRET,
} from '../../../test/harness/notices.ts';
import type { Actor, Role } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { type NewNotice, notify } from './notifications.ts';
import type { Notice, NoticeChannel } from './notifications-contract.ts';

let database: TestDatabase;
let api: NoticesApi;
let logged: string[];
const people: Record<Role, Extract<Actor, { kind: 'user' }>> = {} as never;

const tell = (notice: NewNotice) => inTransaction(database, (trx) => notify(trx, notice));

const inboxOf = async (role: Role, query = ''): Promise<Notice[]> => {
  const answer = await api.call(people[role], 'GET', `/notices${query}`);
  return answer.json<{ items: Notice[] }>().items;
};

const titlesOf = async (role: Role) => (await inboxOf(role)).map(({ title }) => title);

beforeAll(async () => {
  database = await testDatabase();
  const world = aNoticesWorld(database);
  logged = world.logged;
  api = await aNoticesApi(world);
  for (const role of ['owner', 'operator', 'viewer', 'auditor'] as const) {
    const userId = await aUser(database, { role, email: `${role}@wharf.test` });
    people[role] = { kind: 'user', userId, role };
  }
});

beforeEach(async () => {
  await sql`truncate notifications.channel, notifications.notice cascade`.execute(database.kysely);
});

describe('an inbox', () => {
  it('holds what is for its user, their role or their team, once', async () => {
    const teamId = randomUUID();
    const { userId } = people.viewer;
    const db = database.kysely;
    await sql`insert into ownership.team (id, name, created_at)
      values (${teamId}, 'berths', now())`.execute(db);
    await sql`insert into ownership.team_member (team_id, user_id)
      values (${teamId}, ${userId})`.execute(db);
    await tell(aNotice({ key: '1', title: 'role', audience: [{ role: 'viewer' }] }));
    await tell(aNotice({ key: '2', title: 'team', audience: [{ teamId }] }));
    const both = [{ userId }, { teamId }, { role: 'operator' }] as const;
    await tell(aNotice({ key: '3', title: 'all', audience: both }));

    expect(await titlesOf('viewer')).toEqual(['all', 'team', 'role']);
    expect(await titlesOf('operator')).toEqual(['all']);
    expect(await titlesOf('owner')).toEqual([]);
  });

  it('shows what is unread, counts it, and forgets none page by page', async () => {
    for (let ship = 1; ship <= 5; ship += 1) {
      await tell(aNotice({ key: `${ship}`, title: `ship ${ship}` }));
    }
    const first = await api.call(people.operator, 'GET', '/notices?limit=2');
    const page = first.json<{ items: Notice[]; next: string }>();
    const rest = await inboxOf('operator', `?limit=10&cursor=${page.next}`);
    const titles = [...page.items, ...rest].map(({ title }) => title);
    expect(titles).toEqual(['ship 5', 'ship 4', 'ship 3', 'ship 2', 'ship 1']);

    const [newest] = page.items;
    await api.call(people.operator, 'POST', `/notices/${newest?.id}/read`);
    expect(await inboxOf('operator', '?unread=true')).toHaveLength(4);
    const unread = () => api.call(people.operator, 'GET', '/notices/unread');
    expect((await unread()).json()).toEqual({ unread: 4, isMore: false });
    await api.call(people.operator, 'POST', '/notices/read');
    expect((await unread()).json()).toEqual({ unread: 0, isMore: false });
    expect(await inboxOf('operator')).toHaveLength(5);
  });

  it('stops counting at a hundred', async () => {
    for (let ship = 0; ship < 102; ship += 1) await tell(aNotice({ key: `${ship}` }));
    const answer = await api.call(people.operator, 'GET', '/notices/unread');
    expect(answer.json()).toEqual({ unread: 100, isMore: true });
  });

  it('is closed to everybody else', async () => {
    await tell(aNotice());
    const [notice] = await inboxOf('operator');
    const other = await api.call(people.owner, 'POST', `/notices/${notice?.id}/read`);
    expect(other.status).toBe(404);
    expect((await inboxOf('operator'))[0]?.readAt).toBeUndefined();
    expect((await api.call({ kind: 'nobody' }, 'GET', '/notices')).status).toBe(401);
  });

  it('counts the same thing while it is news, and has it anew once somebody has read it', async () => {
    await tell(aNotice());
    await tell(aNotice({ at: new Date('2026-01-01T01:00:00Z') }));
    const [counted] = await inboxOf('operator');
    expect(counted).toMatchObject({ times: 2, lastAt: '2026-01-01T01:00:00.000Z' });

    await api.call(people.operator, 'POST', `/notices/${counted?.id}/read`);
    await tell(aNotice());
    expect((await inboxOf('operator')).map(({ times }) => times)).toEqual([1, 2]);
  });
});

describe('channels', () => {
  const form = (change: object = {}) => ({
    name: 'duty',
    settings: { kind: 'webhook', url: 'https://duty.test/hook', secret: WEBHOOK_SECRET, ...change },
  });
  const add = (change: object = {}) =>
    api.call(people.owner, 'POST', '/notice-channels', form(change));

  it('never show their secret again, in no answer and no log', async () => {
    const added = await add();
    expect(added.json()).toMatchObject({ hasSecret: true, severityMin: 'warning', enabled: true });
    const { id } = added.json<NoticeChannel>();
    const path = `/notice-channels/${id}`;
    const again = { ...form().settings, secret: undefined, url: 'https://other.test/' };
    const changed = await api.call(people.owner, 'PATCH', path, { settings: again });
    expect(changed.json()).toMatchObject({ hasSecret: true, settings: { kind: 'webhook' } });
    const tested = await api.call(people.owner, 'POST', `${path}/test`);
    expect(tested.json()).toMatchObject({ ok: false });
    const listed = await api.call(people.owner, 'GET', '/notice-channels');
    const stored = await sql`select c::text from notifications.channel c`.execute(database.kysely);
    const all = [added, changed, tested, listed].map(({ text }) => text);
    const secret = WEBHOOK_SECRET.slice('whsec_'.length);
    expect([...all, ...logged, JSON.stringify(stored.rows)].join('')).not.toContain(secret);
  });

  it('take no webhook without a good secret, nor one that leads to credentials', async () => {
    const short = `whsec_${Buffer.alloc(16).toString('base64')}`;
    for (const secret of [undefined, '', 'password', short]) {
      expect((await add({ secret })).status, secret).toBe(400);
    }
    const urls = ['ftp://duty.test/', 'https://me:pass@duty.test/', 'file:///etc/passwd', 'duty'];
    for (const url of urls) expect((await add({ url })).status, url).toBe(400);
    for (const host of ['169.254.169.254', '[::ffff:a9fe:a9fe]', '2852039166']) {
      expect((await add({ url: `http://${host}/latest` })).status, host).toBe(403);
    }
  });

  it('have a name of their own, and are for owners alone', async () => {
    expect((await add()).status).toBe(201);
    expect((await add()).status).toBe(409);
    for (const role of ['operator', 'viewer', 'auditor'] as const) {
      const calls = [
        ['GET', '/notice-channels', undefined],
        ['POST', '/notice-channels', form()],
        ['PATCH', `/notice-channels/${randomUUID()}`, {}],
        ['DELETE', `/notice-channels/${randomUUID()}`, undefined],
        ['POST', `/notice-channels/${randomUUID()}/test`, undefined],
        ['GET', '/notice-deliveries', undefined],
        ['POST', `/notice-deliveries/${randomUUID()}/retry`, undefined],
      ] as const;
      for (const [method, path, body] of calls) {
        const answer = await api.call(people[role], method, path, body);
        expect(answer.status, `${role} ${method} ${path}`).toBe(403);
      }
    }
  });
});
