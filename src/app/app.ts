import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { nobody } from '../model/roles.ts';
import { createHttpServer } from '../platform/http/server.ts';
import type { Runtime } from './runtime.ts';

export type App = {
  readonly http: FastifyInstance;
  /** The one-time link for the first owner, or undefined when there is one already. */
  createSetUpLink(): Promise<string | undefined>;
  createOwnerLink(): Promise<string>;
  /** What goes on beside requests, begun once the server listens. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

export async function buildApp(
  runtime: Runtime,
  tls?: { readonly cert: Buffer; readonly key: Buffer },
): Promise<App> {
  const { config, database } = runtime;
  const http = await createHttpServer({
    hosts: config.hosts,
    trustedProxies: config.trustedProxies,
    ...(tls === undefined ? {} : { tls }),
    authenticate: async () => nobody,
    version: runtime.version,
  });
  http.get('/api/v1/health', async (_request, reply) => {
    const reasons = [...runtime.notReady()];
    await sql`select 1`.execute(database.kysely).catch(() => {
      reasons.push('The database does not answer.');
    });
    if (reasons.length > 0) return reply.code(503).send({ ready: false, reasons });
    return { ready: true, version: runtime.version };
  });
  if (runtime.consoleFolder !== undefined)
    await http.register(fastifyStatic, { root: runtime.consoleFolder });
  return {
    http,
    createSetUpLink: async () => undefined,
    createOwnerLink: async () => `${config.publicUrl}/set-up`,
    start: async () => {},
    stop: async () => {},
  };
}
