import { beforeAll, describe, expect, it } from 'vitest';
import { testPassword as password, testApp } from '../../../test/harness/app.ts';
import { aServer } from '../../../test/harness/sign-in-server.ts';

describe('a request', () => {
  let world: Awaited<ReturnType<typeof aServer>>;
  beforeAll(async () => {
    world = await aServer();
  });
  const write = (headers: Record<string, string>) =>
    world.post(
      '/api/v1/teams',
      { name: `team ${Math.random()}` },
      {
        cookie: world.owner.cookie,
        ...headers,
      },
    );

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { origin: 'https://localhost:7420' },
  ])('that another site wrote is refused: %o', async (headers) => {
    const answer = await write(headers);

    expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'cross-site' }]);
  });

  it.each([{}, { 'sec-fetch-site': 'same-origin' }, { origin: 'http://localhost:7420' }])(
    'of the console or a program is taken: %o',
    async (headers) => {
      const answer = await write(headers);

      expect(answer.statusCode).toBe(201);
    },
  );

  it.each(['evil.example', 'localhost', 'localhost:80', '127.0.0.1:7420', ''])(
    'by a name that is not this server’s is refused: %s',
    async (host) => {
      const answer = await world.inject({ method: 'GET', url: '/', headers: { host } });

      expect([answer.statusCode, answer.json()]).toMatchObject([421, { code: 'unknown-host' }]);
    },
  );

  it('carries the headers that keep a browser from harm, also when refused', async () => {
    const answers = await Promise.all([
      world.inject({ method: 'GET', url: '/api/v1/session' }),
      world.inject({ method: 'GET', url: '/api/v1/nothing' }),
      world.inject({ method: 'GET', url: '/', headers: { host: 'evil.example' } }),
    ]);

    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'content-security-policy': expect.stringContaining("default-src 'self'"),
      });
    }
  });

  it('that breaks something inside says nothing of the inside', async () => {
    const broken = await testApp({ isStarted: false, hasJobs: false });
    await broken.database.pool.query('alter table sign_in.app_user rename to hidden_user');
    const form = { email: 'ada@wharf.example', password };

    const answer = await broken.inject({ method: 'POST', url: '/api/v1/session', payload: form });

    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.body).not.toMatch(/app_user|relation|sign_in|\.ts/);
    expect(broken.log.join('')).toContain('A request failed.');
    expect(broken.log.join('')).not.toContain(password);
  });

  it.each([
    ['{', 400],
    ['[]', 400],
    ['{"email":"a@b.example","password":"x","__proto__":{"a":1}}', 400],
    [JSON.stringify({ email: 'a@wharf.example', password: 'x'.repeat(1_100_000) }), 413],
  ])('with a body that is no form is a problem, not a failure', async (payload, status) => {
    const answer = await world.inject({
      method: 'POST',
      url: '/api/v1/session',
      payload,
      headers: { 'content-type': 'application/json' },
    });

    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toContain('application/problem+json');
  });
});
