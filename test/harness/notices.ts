import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { afterAll } from 'vitest';
import type { NotificationsContext } from '../../src/features/notifications/deliverer.ts';
import type { NewNotice } from '../../src/features/notifications/notifications.ts';
import { registerNotifications } from '../../src/features/notifications/notifications.ts';
import type { Actor, Role } from '../../src/model/roles.ts';
import { createIds, manualClock } from '../../src/platform/clock.ts';
import type { Database } from '../../src/platform/database/database.ts';
import { createHttpServer } from '../../src/platform/http/server.ts';
import { createLog } from '../../src/platform/log.ts';
import { createOutboundPost } from '../../src/platform/outbound/outbound-post.ts';
import { createSecretStore } from '../../src/platform/secret-store.ts';

export const WEBHOOK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

export type NoticesWorld = NotificationsContext & {
  readonly clock: ReturnType<typeof manualClock>;
  readonly logged: string[];
};

/** What the slice of notices needs, around a test database; its log lines are kept. */
export function aNoticesWorld(database: Database): NoticesWorld {
  const clock = manualClock();
  const logged: string[] = [];
  const outboundPost = createOutboundPost();
  afterAll(() => outboundPost.close());
  const ids = createIds(clock);
  return {
    database,
    clock,
    ids,
    secrets: createSecretStore([{ id: 'test', bytes: Buffer.alloc(32, 5) }], ids),
    outboundPost,
    publicUrl: 'https://wharf.test',
    random: () => 1,
    log: createLog({ write: (line) => void logged.push(line), form: 'lines' }),
    logged,
  };
}

export async function aUser(
  database: Database,
  user: { role: Role; email: string; state?: 'active' | 'disabled' },
): Promise<string> {
  const id = randomUUID();
  await sql`
    insert into sign_in.app_user (id, email, name, role, state, created_at)
    values (${id}, ${user.email}, ${user.email}, ${user.role}, ${user.state ?? 'active'}, now())
    `.execute(database.kysely);
  return id;
}

export function aNotice(change: Partial<NewNotice> = {}): NewNotice {
  return {
    key: 'berth.taken:3',
    kind: 'berth.taken',
    severity: 'warning',
    title: 'Berth 3 is taken',
    body: 'A ship lies where none was expected.',
    link: '/berths/3',
    audience: [{ role: 'operator' }],
    at: new Date('2026-01-01T00:00:00Z'),
    ...change,
  };
}

export type NoticesApi = {
  readonly server: FastifyInstance;
  readonly call: (
    actor: Actor,
    method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
  ) => Promise<{ status: number; text: string; json: <T>() => T }>;
};

/** The slice's real routes; each call says who asks. */
export async function aNoticesApi(world: NoticesWorld): Promise<NoticesApi> {
  let asking: Actor = { kind: 'nobody' };
  const server = await createHttpServer({
    hosts: ['localhost:80'],
    trustedProxies: [],
    log: world.log,
    version: '0.0.0',
    authenticate: async () => asking,
  });
  registerNotifications(server, world);
  afterAll(() => server.close());
  const call: NoticesApi['call'] = async (actor, method, path, body) => {
    asking = actor;
    const reply = await server.inject({
      method,
      url: `/api/v1${path}`,
      headers: { host: 'localhost:80' },
      ...(body === undefined ? {} : { payload: body as object }),
    });
    return { status: reply.statusCode, text: reply.body, json: <T>() => reply.json<T>() };
  };
  return { server, call };
}
