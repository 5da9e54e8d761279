import { beforeAll, describe, expect, it } from 'vitest';
import { cookieOf, type Signed, testApp, testPassword } from '../../../test/harness/app.ts';
import { aServer, tokenOf } from '../../../test/harness/sign-in-server.ts';
import { manualClock } from '../../platform/clock.ts';
import { connectionsEndpoints } from '../connections/connections-contract.ts';
import { hashPassword, isPassword } from './secrets.ts';
import { signInEndpoints as endpoints } from './sign-in-contract.ts';

const DAY_MS = 86_400_000;
const password = testPassword;

describe('the link of the first start', () => {
  it('makes the first owner, once', async () => {
    const world = await testApp({ isStarted: false, hasJobs: false });
    const [older, link] = [await world.app.createSetUpLink(), await world.app.createSetUpLink()];
    const form = { email: 'ada@wharf.example', name: 'Ada', password };
    const setUp = (token: string) =>
      world.call(endpoints.setUp, { body: { ...form, token } }).then(
        (session) => session.user.role,
        (error: { code: string }) => error.code,
      );

    expect(await setUp(tokenOf(older))).toBe('link-spent');
    expect(await setUp(tokenOf(link))).toBe('owner');
    expect(await setUp(tokenOf(link))).toBe('link-spent');
    expect(await world.app.createSetUpLink()).toBeUndefined();
  });

  it('is used by one of two browsers at once', async () => {
    const world = await testApp({ isStarted: false, hasJobs: false });
    const token = tokenOf(await world.app.createSetUpLink());
    const setUp = (email: string) =>
      world.call(endpoints.setUp, { body: { token, email, name: 'A', password } });

    const both = await Promise.allSettled([setUp('a@wharf.example'), setUp('b@wharf.example')]);

    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('ends after a day', async () => {
    const clock = manualClock();
    const world = await testApp({ clock, isStarted: false, hasJobs: false });
    const token = tokenOf(await world.app.createSetUpLink());
    clock.moveBy(DAY_MS + 1);

    const form = { token, email: 'ada@wharf.example', name: 'Ada', password };

    await expect(world.call(endpoints.setUp, { body: form })).rejects.toMatchObject({
      code: 'link-spent',
    });
  });

  it('is of no use once an owner link made an owner', async () => {
    const world = await testApp({ isStarted: false, hasJobs: false });
    const setUpToken = tokenOf(await world.app.createSetUpLink());
    const ownerToken = tokenOf(await world.app.createOwnerLink());
    const form = { email: 'ada@wharf.example', name: 'Ada', password };
    await world.call(endpoints.setUp, { body: { ...form, token: ownerToken } });

    const late = world.call(endpoints.setUp, {
      body: { ...form, email: 'eve@wharf.example', token: setUpToken },
    });

    await expect(late).rejects.toMatchObject({ code: 'link-spent' });
  });
});

describe('an invitation', () => {
  it('is accepted once, and gives the role it was made for', async () => {
    const world = await aServer();
    const token = tokenOf((await world.invite('bo@wharf.example', 'auditor')).link);
    const accept = () =>
      world.call(endpoints.acceptInvitation, { body: { token, name: 'Bo', password } });

    expect((await accept()).user).toMatchObject({ role: 'auditor', state: 'active' });
    await expect(accept()).rejects.toMatchObject({ code: 'link-spent' });
  });

  it('ends after a week, and a new one takes its place', async () => {
    const world = await aServer();
    const first = tokenOf((await world.invite('bo@wharf.example')).link);
    const second = tokenOf((await world.invite('bo@wharf.example')).link);
    const accept = (token: string) =>
      world.call(endpoints.acceptInvitation, { body: { token, name: 'Bo', password } });

    await expect(accept(first)).rejects.toMatchObject({ code: 'link-spent' });
    world.clock.moveBy(7 * DAY_MS + 1);
    await expect(accept(second)).rejects.toMatchObject({ code: 'link-spent' });
  });

  it('does not set up an owner', async () => {
    const world = await aServer();
    const token = tokenOf((await world.invite('bo@wharf.example')).link);
    const form = { token, email: 'bo@wharf.example', name: 'Bo', password };

    await expect(world.call(endpoints.setUp, { body: form })).rejects.toMatchObject({
      code: 'link-spent',
    });
  });

  it('of someone disabled meanwhile waits until they are enabled', async () => {
    const world = await aServer();
    const invited = await world.invite('bo@wharf.example');
    const params = { id: invited.user.id };
    const change = (disabled: boolean) =>
      world.owner.call(endpoints.changeUser, { params, body: { disabled } });
    const accept = () =>
      world.call(endpoints.acceptInvitation, {
        body: { token: tokenOf(invited.link), name: 'Bo', password },
      });

    await change(true);
    await expect(accept()).rejects.toMatchObject({ code: 'link-spent' });
    expect((await change(false)).state).toBe('invited');
    expect((await accept()).user.state).toBe('active');
  });
});

describe('signing in', () => {
  it('begins a new session each time and leaves others alone', async () => {
    const world = await aServer();
    const form = { email: world.owner.email, password };

    const second = cookieOf(await world.post('/api/v1/session', form));

    expect(second).not.toBe(world.owner.cookie);
    await world.callAs({ cookie: second })(endpoints.signOut);
    await expect(world.callAs({ cookie: second })(endpoints.getSession)).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
    expect((await world.owner.call(endpoints.getSession)).user.role).toBe('owner');
  });

  it('does not tell an unknown address from a wrong password', async () => {
    const world = await aServer();
    const answers = await Promise.all([
      world.post('/api/v1/session', { email: world.owner.email, password: 'not the password' }),
      world.post('/api/v1/session', { email: 'nobody@wharf.example', password }),
    ]);

    expect(new Set(answers.map((answer) => answer.body)).size).toBe(1);
    expect(answers.map((answer) => answer.statusCode)).toEqual([401, 401]);
  });

  it('sets a cookie that scripts, other hosts and plain HTTP never see', async () => {
    const world = await aServer();
    const answer = await world.post('/api/v1/session', { email: world.owner.email, password });
    const attributes = String(answer.headers['set-cookie']).split('; ').slice(1).sort();

    expect(attributes).toEqual(['HttpOnly', 'Max-Age=1209600', 'Path=/', 'SameSite=Lax', 'Secure']);
  });

  it('ends by itself when nobody comes for two weeks, and not before', async () => {
    const world = await aServer();
    world.clock.moveBy(13 * DAY_MS);
    expect((await world.owner.call(endpoints.getSession)).user.role).toBe('owner');
    world.clock.moveBy(13 * DAY_MS);
    expect((await world.owner.call(endpoints.getSession)).user.role).toBe('owner');

    world.clock.moveBy(15 * DAY_MS);

    await expect(world.owner.call(endpoints.getSession)).rejects.toMatchObject({
      kind: 'unauthenticated',
    });
  });

  it.each([
    ['/api/v1/session', { email: 'ada@wharf.example', password }],
    ['/api/v1/set-up', { token: 'x', email: 'ada@wharf.example', name: 'A', password }],
    ['/api/v1/invitations/accept', { token: 'x', name: 'A', password }],
    ['/api/v1/session/passkey', { id: 'x' }],
  ])('is refused at %s after twenty tries in a minute', async (url, payload) => {
    const world = await testApp({ isStarted: false, hasJobs: false });
    const statuses: number[] = [];
    for (let n = 0; n < 22; n++) {
      statuses.push((await world.inject({ method: 'POST', url, payload })).statusCode);
    }

    expect(statuses.slice(0, 20)).not.toContain(429);
    expect(statuses.slice(20)).toEqual([429, 429]);
  });
});

describe('a password', () => {
  it('is kept as Argon2id of the recommended cost', async () => {
    const hash = await hashPassword(password);

    expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await isPassword(password, hash)).toBe(true);
    expect(await isPassword(`${password} `, hash)).toBe(false);
    expect(await isPassword(password, 'not a hash')).toBe(false);
  });

  it('is the same however its accents were typed', async () => {
    expect(await isPassword('cafe\u0301 au port', await hashPassword('caf\u00e9 au port'))).toBe(
      true,
    );
  });
});

describe('someone disabled', () => {
  it('loses sessions and tokens at once', async () => {
    const world = await aServer();
    const viewer = await world.signInAs('viewer');
    const form = { name: 'ci', role: 'viewer', expiresInDays: 30 } as const;
    const { secret } = await viewer.call(endpoints.createToken, { body: form });
    const asToken = world.callAs({ token: secret });
    expect((await asToken(connectionsEndpoints.listConnections)).items).toEqual([]);

    const params = { id: viewer.userId };
    await world.owner.call(endpoints.changeUser, { params, body: { disabled: true } });

    const refused = { kind: 'unauthenticated' };
    await expect(viewer.call(endpoints.getSession)).rejects.toMatchObject(refused);
    await expect(asToken(connectionsEndpoints.listConnections)).rejects.toMatchObject(refused);
    const again = world.call(endpoints.signIn, { body: { email: viewer.email, password } });
    await expect(again).rejects.toMatchObject(refused);
  });
});

describe('the last owner', () => {
  it.each([{ disabled: true }, { role: 'viewer' }, { role: 'operator', disabled: false }] as const)(
    'stays: %o is refused',
    async (body) => {
      const world = await aServer();
      const change = world.owner.call(endpoints.changeUser, {
        params: { id: world.owner.userId },
        body,
      });

      await expect(change).rejects.toMatchObject({ kind: 'conflict' });
    },
  );

  it('stays also when two owners demote each other at once', async () => {
    const world = await aServer();
    const token = tokenOf((await world.invite('bo@wharf.example', 'owner')).link);
    const other = await world.post('/api/v1/invitations/accept', { token, name: 'Bo', password });
    const otherId = other.json<{ user: { id: string } }>().user.id;
    const demote = (cookie: string, id: string) =>
      world.callAs({ cookie })(endpoints.changeUser, { params: { id }, body: { role: 'viewer' } });

    await Promise.allSettled([
      demote(world.owner.cookie, otherId),
      demote(cookieOf(other), world.owner.userId),
    ]);

    const { rows } = await world.database.pool.query(
      "select from sign_in.app_user where role = 'owner' and state = 'active'",
    );
    expect(rows.length).toBeGreaterThan(0);
  });
});

describe('an API token', () => {
  let world: Awaited<ReturnType<typeof aServer>>;
  beforeAll(async () => {
    world = await aServer();
  });
  const make = async (as: Signed, role: Signed['role']) =>
    as.call(endpoints.createToken, { body: { name: 'ci', role, expiresInDays: 2 } });

  it('has at most the rights of who made it', async () => {
    const operator = await world.signInAs('operator');

    await expect(make(operator, 'owner')).rejects.toMatchObject({ kind: 'forbidden' });
    await expect(make(operator, 'auditor')).rejects.toMatchObject({ kind: 'forbidden' });
    expect((await make(operator, 'viewer')).token.role).toBe('viewer');
  });

  it('says of itself what it may do, not what its user may', async () => {
    const { secret } = await make(world.owner, 'viewer');

    const session = await world.callAs({ token: secret })(endpoints.getSession);

    expect(session.actions).not.toContain('user.manage');
  });

  it('falls with its user’s role', async () => {
    const operator = await world.signInAs('operator');
    const { secret } = await make(operator, 'operator');
    const params = { id: operator.userId };
    await world.owner.call(endpoints.changeUser, { params, body: { role: 'auditor' } });

    const body = { kind: 'none', name: 'n', settings: {} };
    const call = world.callAs({ token: secret })(connectionsEndpoints.createConnection, { body });

    await expect(call).rejects.toMatchObject({ code: 'role-needed' });
  });

  it('makes, revokes and adds no other way in', async () => {
    const { secret } = await make(world.owner, 'owner');
    const asToken = world.callAs({ token: secret });
    const form = { name: 'more', role: 'viewer', expiresInDays: 1 } as const;

    await expect(asToken(endpoints.createToken, { body: form })).rejects.toMatchObject({
      kind: 'forbidden',
    });
    await expect(asToken(endpoints.startPasskey)).rejects.toMatchObject({ kind: 'forbidden' });
  });

  it('ends when it was said to, or when it is revoked', async () => {
    const lasting = await make(world.owner, 'viewer');
    const revoked = await make(world.owner, 'viewer');
    await world.owner.call(endpoints.revokeToken, { params: { id: revoked.token.id } });
    const use = (secret: string) => world.callAs({ token: secret })(endpoints.getSession);

    await expect(use(revoked.secret)).rejects.toMatchObject({ kind: 'unauthenticated' });
    expect((await use(lasting.secret)).user.role).toBe('owner');
    world.clock.moveBy(2 * DAY_MS);
    await expect(use(lasting.secret)).rejects.toMatchObject({ kind: 'unauthenticated' });
  });

  it('is kept as a digest only', async () => {
    const { secret } = await make(world.owner, 'viewer');
    const { rows } = await world.database.pool.query<{ text: string }>(
      "select t::text || encode(t.secret_hash, 'escape') as text from sign_in.api_token t",
    );

    expect(rows.some(({ text }) => text.includes(secret))).toBe(false);
    expect(world.log.join('')).not.toContain(secret);
  });
});
