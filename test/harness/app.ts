import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll } from 'vitest';
import { type App, buildApp } from '../../src/app/app.ts';
import type { Runtime } from '../../src/app/runtime.ts';
import { type Client, createClient } from '../../src/client/client.ts';
import { signInEndpoints } from '../../src/features/sign-in/sign-in-contract.ts';
import type { Role } from '../../src/model/roles.ts';
import { type Clock, createIds, systemClock } from '../../src/platform/clock.ts';
import { dataPaths } from '../../src/platform/data-folder.ts';
import { createJobs } from '../../src/platform/jobs.ts';
import { createLog } from '../../src/platform/log.ts';
import { createSecretStore } from '../../src/platform/secret-store.ts';
import { type TestDatabase, testDatabase } from './database.ts';

const HOST = 'localhost:7420';
export const testUrl = `http://${HOST}`;
export const testPassword = 'a berth by the quay';

export type Signed = {
  readonly role: Role;
  readonly userId: string;
  readonly email: string;
  /** The Cookie header of the session. */
  readonly cookie: string;
  /** Calls as this user, through the typed client. */
  readonly call: Client;
};

export type TestApp = {
  readonly app: App;
  readonly database: TestDatabase;
  readonly runtime: Runtime;
  /** What the server logged, a JSON line each. */
  readonly log: readonly string[];
  /** `GET /api/v1/health`: every route that Fastify knows. */
  readonly routes: readonly string[];
  /** A raw request at the server's own name. */
  readonly inject: (request: InjectOptions) => Promise<LightMyRequestResponse>;
  /** Calls as nobody. */
  readonly call: Client;
  /** Calls with an API token, or with a session's Cookie header. */
  readonly callAs: (as: { token?: string; cookie?: string }) => Client;
  /** Signs in as the only user of that role, whom the first call invites (or sets up). */
  readonly signInAs: (role: Role) => Promise<Signed>;
};

export type TestAppOptions = {
  readonly clock?: Clock;
  /** Begins what goes on beside requests: followers and the evidence log. */
  readonly isStarted?: boolean;
  /** Runs jobs; without them a server is there in a fifth of the time. */
  readonly hasJobs?: boolean;
};

/** The whole application over a fresh database: everything but the listening socket. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = await testDatabase();
  const folder = mkdtempSync(join(tmpdir(), 'wharfinger-app-'));
  const lines: string[] = [];
  const runtime = runtimeOf({ database, folder, lines, clock: options.clock ?? systemClock });
  const app = await buildApp(runtime);
  if (options.hasJobs !== false) await runtime.jobs.start();
  if (options.isStarted !== false) await app.start();
  await app.http.ready();
  // Runs before the database is dropped: hooks run in reverse order.
  afterAll(async () => {
    await app.http.close();
    await app.stop();
    await runtime.jobs.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const routes = listRoutes(app);
  const inject = (request: InjectOptions) =>
    app.http.inject({ ...request, headers: { host: HOST, ...request.headers } });
  const callAs: TestApp['callAs'] = (as) =>
    createClient({
      server: testUrl,
      ...(as.token === undefined ? {} : { token: as.token }),
      fetch: injectedFetch(inject, as.cookie),
    });
  const call = callAs({});
  const known = new Map<Role, Promise<Signed>>();
  const signInAs = (role: Role): Promise<Signed> => {
    const signed = known.get(role) ?? signIn(role);
    known.set(role, signed);
    return signed;
  };
  const signIn = async (role: Role): Promise<Signed> => {
    const path = role === 'owner' ? '/api/v1/set-up' : '/api/v1/invitations/accept';
    const email = `${role}@wharf.example`;
    const link = role === 'owner' ? await app.createSetUpLink() : await invite(role, email);
    const token = link?.split('#')[1] ?? '';
    const form = { token, name: `The ${role}`, password: testPassword };
    const payload = role === 'owner' ? { ...form, email } : form;
    const answer = await inject({ method: 'POST', url: path, payload });
    return { role, email, ...signedOf(answer), call: callAs({ cookie: cookieOf(answer) }) };
  };
  const invite = async (role: Role, email: string): Promise<string> => {
    const owner = await signInAs('owner');
    return (await owner.call(signInEndpoints.inviteUser, { body: { email, role } })).link;
  };
  return { app, database, runtime, log: lines, routes, inject, call, callAs, signInAs };
}

/** Read off Fastify's own drawing of its tree, since it keeps no list. */
function listRoutes(app: App): string[] {
  const lines = app.http.printRoutes({ commonPrefix: false }).split('\n');
  const above: string[] = [];
  return lines.flatMap((line) => {
    const drawn = /^([│ ]*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?$/.exec(line);
    if (drawn === null) return [];
    const [, indent = '', path = '', methods = ''] = drawn;
    const depth = indent.length / 4;
    above.length = depth;
    above.push(path);
    const whole = above.join('');
    const shown = methods.split(', ').filter((method) => method !== '' && method !== 'HEAD');
    return shown.map((method) => `${method} ${whole}`);
  });
}

function runtimeOf(given: {
  database: TestDatabase;
  folder: string;
  lines: string[];
  clock: Clock;
}): Runtime {
  const { database, folder, clock } = given;
  const ids = createIds(clock);
  const log = createLog({ write: (line) => given.lines.push(line), form: 'lines' });
  return {
    config: {
      dataFolder: folder,
      host: 'localhost',
      port: 7420,
      databaseUrl: undefined,
      tls: undefined,
      publicUrl: testUrl,
      hosts: [HOST],
      trustedProxies: [],
      keyFile: undefined,
      logOrigin: undefined,
      logLevel: 'info',
      loadsSample: false,
      uploadBytesMax: 64 * 1024 * 1024,
    },
    paths: dataPaths(folder),
    version: '0.1.0',
    installationId: 'test',
    database,
    jobs: createJobs(database, log),
    secrets: createSecretStore([{ id: 'test', bytes: Buffer.alloc(32, 5) }], ids),
    clock,
    ids,
    log,
    consoleFolder: undefined,
    notReady: () => [],
  };
}

/** The session's cookie of an answer that signed somebody in, as a Cookie header. */
export function cookieOf(answer: LightMyRequestResponse): string {
  const cookie = answer.cookies.find(({ name }) => name === '__Host-wharfinger');
  if (cookie === undefined) throw new Error(`Nobody was signed in: ${answer.body}`);
  return `${cookie.name}=${cookie.value}`;
}

function signedOf(answer: LightMyRequestResponse): { userId: string; cookie: string } {
  const cookie = cookieOf(answer);
  return { userId: answer.json<{ user: { id: string } }>().user.id, cookie };
}

/** `fetch` for the client that goes straight into the server. */
function injectedFetch(
  inject: (request: InjectOptions) => Promise<LightMyRequestResponse>,
  cookie: string | undefined,
): typeof globalThis.fetch {
  return async (input, init) => {
    const url = new URL(String(input));
    const headers = { ...(init?.headers as Record<string, string>) };
    if (cookie !== undefined) headers['cookie'] = cookie;
    const answer = await inject({
      method: init?.method ?? 'GET',
      url: url.pathname + url.search,
      headers,
      ...(typeof init?.body === 'string' ? { payload: init.body } : {}),
    });
    const isEmpty = answer.statusCode === 204;
    return new Response(isEmpty ? null : new Uint8Array(answer.rawPayload), {
      status: answer.statusCode,
      headers: { 'content-type': String(answer.headers['content-type'] ?? '') },
    });
  };
}

/**
 * Asks again until the answer is there; fails with what was asked for after `seconds`. Only for
 * what another process or a job brings about.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  seconds = 30,
): Promise<T> {
  const until = performance.now() + seconds * 1_000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > until) throw new Error(`Within ${seconds} s: ${what}.`);
    await wait(50);
  }
}
