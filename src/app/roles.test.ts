import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { type TestApp, testApp, testPassword } from '../../test/harness/app.ts';
import { describeRoleTable, mayCall } from '../../tools/role-table.ts';
import { pathOf } from '../client/client.ts';
import type { Endpoint } from '../model/endpoint.ts';
import { type Role, roles } from '../model/roles.ts';
import { allEndpoints, type EndpointName } from './endpoints.ts';
import { describeApi } from './openapi.ts';
import { PROJECT_FOLDER, wharfingerVersion } from './version.ts';

const committed = (path: string): string => readFileSync(join(PROJECT_FOLDER, path), 'utf8');

/** A call that passes validation, so that what refuses it is the role. */
const calls: Partial<Record<EndpointName, { query?: object; body?: unknown }>> = {
  setUp: { body: { token: 'spent', email: 'a@wharf.example', name: 'A', password: testPassword } },
  signIn: { body: { email: 'a@wharf.example', password: testPassword } },
  signInWithPasskey: { body: { id: 'unknown' } },
  addPasskey: { body: { name: 'key', answer: {} } },
  inviteUser: { body: { email: 'b@wharf.example', role: 'viewer' } },
  changeUser: { body: { role: 'viewer' } },
  acceptInvitation: { body: { token: 'spent', name: 'A', password: testPassword } },
  createToken: { body: { name: 'token', role: 'viewer', expiresInDays: 1 } },
  testConnection: { body: { kind: 'none', settings: {} } },
  createConnection: { body: { kind: 'none', name: 'none', settings: {} } },
  changeConnection: { body: { name: 'none' } },
  compareImages: { query: { from: randomUUID() } },
  search: { query: { q: 'ledger' } },
  createTeam: { body: { name: 'team', memberIds: [] } },
  changeTeam: { body: { name: 'team' } },
  previewOwnerRules: { body: { rules: [] } },
  replaceOwnerRules: { body: { rules: [] } },
  uploadFile: { query: { name: 'app.tar' } },
  createNoticeChannel: {
    body: { name: 'none', settings: { kind: 'webhook', url: 'https://nowhere.example/' } },
  },
  changeNoticeChannel: { body: { name: 'none' } },
  addPublication: { body: { target: 'nowhere' } },
};

const names = Object.keys(allEndpoints) as EndpointName[];
// Signing out ends the session that the other calls need.
const inOrder = [...names.filter((name) => name !== 'signOut'), 'signOut'] as const;

function request(name: EndpointName, cookie: string | undefined) {
  const endpoint: Endpoint = allEndpoints[name];
  const { query, body } = calls[name] ?? {};
  const params = { id: randomUUID(), digest: `sha256:${'0'.repeat(64)}` };
  return {
    method: endpoint.method,
    url: pathOf(endpoint, { params, ...(query === undefined ? {} : { query: { ...query } }) }),
    ...(body === undefined ? {} : { payload: body as object }),
    ...(cookie === undefined ? {} : { headers: { cookie } }),
  };
}

/** Told apart by code: a spent link and a wrong password are refusals of another kind. */
function verdictOf(answer: LightMyRequestResponse): 'sign in first' | 'role needed' | 'allowed' {
  const isProblem = String(answer.headers['content-type']).startsWith('application/problem+json');
  const { code } = isProblem ? answer.json<{ code: string }>() : { code: '' };
  if (code === 'unauthenticated') return 'sign in first';
  return code === 'role-needed' ? 'role needed' : 'allowed';
}

function expectedOf(name: EndpointName, role: Role | 'nobody') {
  if (mayCall(allEndpoints[name], role)) return 'allowed';
  return role === 'nobody' ? 'sign in first' : 'role needed';
}

describe('the API', () => {
  let world: TestApp;
  beforeAll(async () => {
    world = await testApp();
    for (const role of roles) await world.signInAs(role);
  });

  it.each([...roles, 'nobody'] as const)(
    'lets %s do what the table says, no more',
    async (role) => {
      const cookie = role === 'nobody' ? undefined : (await world.signInAs(role)).cookie;
      const seen: Record<string, string> = {};
      const expected: Record<string, string> = {};
      for (const name of inOrder) {
        const answer = await world.inject(request(name, cookie));
        expect(answer.statusCode, `${name}: ${answer.body}`).toBeLessThan(500);
        seen[name] = verdictOf(answer);
        expected[name] = expectedOf(name, role);
      }

      expect(seen).toEqual(expected);
    },
  );

  it('serves no route that is in no contract', () => {
    // Fastify draws a path that ends in anything as the star alone.
    const drawn = ({ method, path }: Endpoint) => `${method} ${path.endsWith('/*') ? '*' : path}`;
    const known = new Set(Object.values<Endpoint>(allEndpoints).map(drawn));
    const served = world.routes;

    expect(served.filter((route) => !known.has(route))).toEqual([]);
    expect(served.length).toBe(known.size);
  });

  it('has a name and a place of its own for every operation', () => {
    const places = Object.values<Endpoint>(allEndpoints).map((one) => `${one.method} ${one.path}`);

    expect(new Set(places).size).toBe(places.length);
  });

  it('answers with the document that is committed', async () => {
    const document = JSON.parse(committed('openapi/v1.json'));
    const served = await world.inject({ method: 'GET', url: '/api/v1/openapi.json' });

    expect(await describeApi(wharfingerVersion())).toEqual(document);
    const { paths, ...about } = served.json<{ paths: object }>();
    expect({ paths, ...about }).toEqual(document);
  });

  it('has the table of roles that is committed', () => {
    expect(describeRoleTable()).toBe(committed('test/golden/role-table.md'));
  });
});
