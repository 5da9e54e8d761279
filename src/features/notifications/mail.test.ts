import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../../test/harness/database.ts';
import {
  type MailReceiver,
  type MailReceiverOptions,
  startMailReceiver,
} from '../../../test/harness/mail-receiver.ts';
import {
  aNotice,
  aNoticesApi,
  aNoticesWorld,
  aUser,
  type NoticesApi,
  type NoticesWorld,
} from '../../../test/harness/notices.ts';
import { describeWith } from '../../../test/harness/parts.ts';
import { makeCertificates } from '../../../test/harness/registry.ts';
import type { Actor } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { Deliverer } from './deliverer.ts';
import { type NewNotice, notify } from './notifications.ts';

let database: TestDatabase;
let world: NoticesWorld;
let api: NoticesApi;
let owner: Actor;
let receiver: MailReceiver;

const settings = (change: object = {}) => ({
  kind: 'smtp',
  host: 'localhost',
  port: receiver.port,
  security: 'none',
  from: 'wharf@wharf.test',
  to: ['duty@wharf.test'],
  ...change,
});

const addChannel = (change: object = {}) =>
  api.call(owner, 'POST', '/notice-channels', {
    name: 'mail',
    severityMin: 'info',
    settings: settings(change),
  });

const tell = (notice: NewNotice) => inTransaction(database, (trx) => notify(trx, notice));

const deliver = (context: NoticesWorld = world) => new Deliverer(context).deliverDue();

const firstDelivery = async () => {
  const answer = await api.call(owner, 'GET', '/notice-deliveries');
  return answer.json<{ items: { state: string; lastError?: string }[] }>().items[0];
};

const headersOf = (data: string) => data.slice(0, data.indexOf('\r\n\r\n'));

beforeAll(async () => {
  database = await testDatabase();
  world = aNoticesWorld(database);
  api = await aNoticesApi(world);
  const userId = await aUser(database, { role: 'owner', email: 'owner@wharf.test' });
  owner = { kind: 'user', userId, role: 'owner' };
  await aUser(database, { role: 'operator', email: 'operator@wharf.test' });
  await aUser(database, { role: 'operator', email: 'gone@wharf.test', state: 'disabled' });
  await aUser(database, { role: 'viewer', email: 'viewer@wharf.test' });
});

beforeEach(async () => {
  await sql`truncate notifications.channel, notifications.notice cascade`.execute(database.kysely);
});

afterEach(() => receiver.close());

const listen = async (options: MailReceiverOptions = {}): Promise<void> => {
  receiver = await startMailReceiver(options);
};

describe('a notice by mail', () => {
  beforeEach(() => listen());

  it('goes as plain text to the addresses of the channel', async () => {
    await addChannel();
    await tell(aNotice({ title: 'Größe 3', body: '.A line that begins with a dot.' }));
    await deliver();

    expect(receiver.mails).toHaveLength(1);
    const [mail] = receiver.mails;
    expect(mail).toMatchObject({ from: 'wharf@wharf.test', recipients: ['duty@wharf.test'] });
    const headers = headersOf(mail?.data ?? '');
    expect(headers).toMatch(/^Content-Type: text\/plain; charset=utf-8$/m);
    expect(headers).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(headers).toMatch(/^Subject: .*=\?UTF-8\?/im);
    expect(mail?.data).toContain('https://wharf.test/berths/3');
  });

  it('goes to the people it is for where the channel names nobody, unseen by each other', async () => {
    await aUser(database, { role: 'operator', email: 'second@wharf.test' });
    await addChannel({ to: [] });
    await tell(aNotice());
    await deliver();
    const [mail] = receiver.mails;
    expect([...(mail?.recipients ?? [])].sort()).toEqual([
      'operator@wharf.test',
      'second@wharf.test',
    ]);
    expect(headersOf(mail?.data ?? '')).not.toContain('@wharf.test,');
    expect(headersOf(mail?.data ?? '')).not.toContain('second@wharf.test');
  });

  it('keeps line ends of other systems out of its headers', async () => {
    await addChannel();
    const title = 'x\r\nBcc: thief@evil.test\r\n\r\n<script>\u2028y';
    await tell(aNotice({ title, body: 'z\r\n.\r\nMAIL FROM:<thief@evil.test>' }));
    await deliver();
    expect(receiver.mails).toHaveLength(1);
    const [mail] = receiver.mails;
    expect(mail?.recipients).toEqual(['duty@wharf.test']);
    expect(headersOf(mail?.data ?? '')).not.toMatch(/^Bcc:/im);
  });

  it('refuses addresses and hosts with more in them than an address', async () => {
    const bad = ['a@b.test\r\nBcc: c@d.test', 'a@b.test, c@d.test', '<a@b.test>', 'a b@c.test'];
    for (const address of bad) {
      expect((await addChannel({ to: [address] })).status, address).toBe(400);
      expect((await addChannel({ from: address })).status, address).toBe(400);
    }
    expect((await addChannel({ host: 'mail.test\r\nQUIT' })).status).toBe(400);
    const literal = await addChannel({ host: '169.254.169.254' });
    expect(literal.status).toBe(403);
    expect(literal.text).toContain('link-local');
  });

  it('is tried again when the server is busy, as the same mail', async () => {
    await addChannel();
    receiver.answer = '451 later';
    await tell(aNotice());
    await deliver();
    expect(await firstDelivery()).toMatchObject({
      state: 'waiting',
      lastError: expect.stringContaining('(451)'),
    });
    receiver.answer = '250 taken';
    world.clock.moveBy(3_600_000);
    await deliver();
    expect(await firstDelivery()).toMatchObject({ state: 'delivered' });
    expect(receiver.mails).toHaveLength(1);
  });

  it('says how many recipients the server did not want', async () => {
    await addChannel({ to: ['duty@wharf.test', 'nobody@wharf.test'] });
    receiver.refused.add('nobody@wharf.test');
    await tell(aNotice());
    await deliver();
    expect(await firstDelivery()).toMatchObject({
      state: 'delivered',
      lastError: expect.stringContaining('refused 1'),
    });
  });

  it('sends no password over a line that anybody can read', async () => {
    const answer = await addChannel({ user: 'wharf', password: 'tell-nobody' });
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('only sent over TLS');
    const stripped = await addChannel({ security: 'starttls' });
    expect(stripped.status).toBe(201);
    await tell(aNotice());
    await deliver();
    expect(receiver.mails).toEqual([]);
    expect(await firstDelivery()).toMatchObject({
      state: 'waiting',
      lastError: expect.stringContaining('no encryption that can be trusted'),
    });
  });
});

describeWith(['openssl'], 'a mail server with TLS', () => {
  let ca: string;
  let certificate: { key: string; cert: string };
  const account = { user: 'wharf', password: 'tell-nobody' };
  const login = { security: 'starttls', ...account };

  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'wharfinger-mail-'));
    ca = makeCertificates(folder);
    certificate = {
      key: readFileSync(join(folder, 'server.key'), 'utf8'),
      cert: readFileSync(join(folder, 'server.pem'), 'utf8'),
    };
    rmSync(folder, { recursive: true });
  });

  it('gets the password and the mail, when its certificate is known', async () => {
    await listen({ certificate, account });
    await addChannel(login);
    await tell(aNotice());
    await deliver({ ...world, mailCa: ca });
    expect(receiver.mails).toMatchObject([{ isEncrypted: true, user: 'wharf' }]);
  });

  it('gets nothing when nobody known has signed its certificate', async () => {
    await listen({ certificate, account });
    await addChannel(login);
    await tell(aNotice());
    await deliver();
    expect(receiver.mails).toEqual([]);
    expect(await firstDelivery()).toMatchObject({ state: 'waiting' });
  });

  it('never has the password repeated, whatever it answers', async () => {
    await listen({ certificate, account: { ...account, password: 'another' } });
    const added = await addChannel(login);
    expect(added.json()).toMatchObject({ hasSecret: true });
    await tell(aNotice());
    await deliver({ ...world, mailCa: ca });
    const delivery = await firstDelivery();
    expect(delivery).toMatchObject({ lastError: expect.stringContaining('refuses the user') });
    const path = `/notice-channels/${added.json<{ id: string }>().id}`;
    const moved = settings({ ...login, password: undefined, host: '127.0.0.1' });
    const seen = [
      added.text,
      (await api.call(owner, 'GET', '/notice-channels')).text,
      (await api.call(owner, 'GET', '/notice-deliveries')).text,
      (await api.call(owner, 'POST', `${path}/test`)).text,
      (await api.call(owner, 'PATCH', path, { settings: moved })).text,
      world.logged.join(''),
    ];
    expect(seen.filter((text) => text.includes('tell-nobody'))).toEqual([]);
    expect(seen[4], 'a stored password goes to no other server').toContain('a password');
  });
});
