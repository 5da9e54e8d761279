import { beforeAll, describe, expect, it } from 'vitest';
import { type Signed, type TestApp, testApp } from '../../test/harness/app.ts';
import { pathOf } from '../client/client.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { encodeCursor } from '../model/page.ts';
import { allEndpoints } from './endpoints.ts';

const endpoints: readonly (readonly [string, Endpoint])[] = Object.entries(allEndpoints);
const hasQuery = (name: string) => endpoints.filter(([, one]) => one.query?.shape[name]);

const strange = ['nope', '\u0000', '-1', '9'.repeat(60), "' or '1'='1", '%', '\\', '😀', '\ud800'];

const cursors = [
  'nonsense',
  encodeCursor(['a', 'b', 'c', 'd']),
  encodeCursor([1e300, null, 'x']),
  encodeCursor(['2026-13-45T00:00:00Z', 'not-an-id']),
  encodeCursor(['infinity', '00000000-0000-0000-0000-00000000000g']),
  encodeCursor([-1, 1.5, '\u0000']),
  encodeCursor([null]),
  encodeCursor([]),
];

/** Nothing a caller sends may break a statement: it is refused, or nothing is found. */
describe('hostile input', () => {
  let world: TestApp;
  let owner: Signed;
  beforeAll(async () => {
    world = await testApp({ isStarted: false });
    owner = await world.signInAs('owner');
  });

  const statusOf = async (endpoint: Endpoint, call: Parameters<typeof pathOf>[1]) => {
    const answer = await world.inject({
      method: endpoint.method,
      url: pathOf(endpoint, call),
      headers: { cookie: owner.cookie },
      ...(call.body === undefined ? {} : { payload: call.body as object }),
    });
    return answer.statusCode;
  };

  it('as an id never fails inside', async () => {
    const broken: string[] = [];
    for (const [name, endpoint] of endpoints.filter(([, one]) => one.params !== undefined)) {
      for (const text of strange.filter((one) => one !== '\ud800')) {
        const params = { id: text, digest: text };
        const body = endpoint.body === undefined ? undefined : { name: 'x', role: 'viewer' };
        const query = endpoint.query === undefined ? {} : { from: text };
        const status = await statusOf(endpoint, { params, query, body });
        if (status >= 500) broken.push(`${name} ${JSON.stringify(text)}: ${status}`);
      }
    }

    expect(broken).toEqual([]);
  });

  it('as a cursor never fails inside', async () => {
    const broken: string[] = [];
    const params = { id: '00000000-0000-7000-8000-000000000000' };
    for (const [name, endpoint] of hasQuery('cursor')) {
      for (const cursor of cursors) {
        const status = await statusOf(endpoint, { params, query: { cursor } });
        if (status >= 500) broken.push(`${name} ${cursor}: ${status}`);
      }
    }

    expect(broken).toEqual([]);
  });

  it('as any other question never fails inside', async () => {
    const broken: string[] = [];
    const params = { id: '00000000-0000-7000-8000-000000000000' };
    for (const [name, endpoint] of endpoints) {
      for (const field of Object.keys(endpoint.query?.shape ?? {})) {
        for (const text of strange) {
          const query = { q: 'a', from: 'b', [field]: text };
          const status = await statusOf(endpoint, { params, query });
          if (status >= 500) broken.push(`${name} ${field}=${JSON.stringify(text)}: ${status}`);
        }
      }
    }

    expect(broken).toEqual([]);
  });

  it('as text in a body is refused where no database can keep it', async () => {
    const answer = await world.inject({
      method: 'POST',
      url: '/api/v1/teams',
      headers: { cookie: owner.cookie },
      payload: { name: 'quay\u0000side' },
    });

    expect(answer.statusCode).toBe(400);
  });
});
