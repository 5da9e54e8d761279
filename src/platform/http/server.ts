import cookie from '@fastify/cookie';
import rateLimit from '@fastify/rate-limit';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { jsonSchemaTransform, validatorCompiler } from 'fastify-type-provider-zod';
import { type Actor, nobody } from '../../model/roles.ts';
import type { Log } from '../log.ts';
import { type Problem, problemSender } from './problem.ts';

declare module 'fastify' {
  interface FastifyRequest {
    actor: Actor;
  }
}

export type HttpOptions = {
  /** Hosts (with port) a browser may address this server by; anything else is refused. */
  readonly hosts: readonly string[];
  /** Addresses of proxies whose X-Forwarded-* headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  readonly log: Log;
  /** Finds who asks from cookie or bearer token. */
  readonly authenticate: (request: FastifyRequest) => Promise<Actor>;
  readonly version: string;
};

/** 1 MiB is ample for every JSON body; uploads are streams with limits of their own. */
const BODY_BYTES_MAX = 1024 * 1024;
const CREDENTIAL_TRIES_PER_MINUTE = 300;

/** A Fastify with our manners: problems, headers, host check, who asks, OpenAPI. */
export async function createHttpServer(options: HttpOptions): Promise<FastifyInstance> {
  const server = Fastify({
    bodyLimit: BODY_BYTES_MAX,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    routerOptions: { maxParamLength: 500 },
    ...(options.tls === undefined ? {} : { https: options.tls }),
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  server.setValidatorCompiler(validatorCompiler);
  // Response schemas serve the document and the tests; JSON.stringify is faster than a serializer.
  server.setSerializerCompiler(() => JSON.stringify);
  server.setErrorHandler(problemSender(options.log));
  server.decorateRequest('actor', null as never);
  await server.register(cookie);
  await server.register(rateLimit, { global: false, max: CREDENTIAL_TRIES_PER_MINUTE });
  await server.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Wharfinger', version: options.version, license: { name: 'Apache-2.0' } },
    },
    transform: jsonSchemaTransform,
  });
  guard(server, options);
  return server;
}

const securityHeaders = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
};

const unknownHost: Problem = {
  type: 'about:blank',
  title: 'Misdirected',
  status: 421,
  detail: 'This server does not answer to that name. Its names are set by --public-url.',
  code: 'unknown-host',
};

const crossSite: Problem = {
  type: 'about:blank',
  title: 'Not allowed',
  status: 403,
  detail: 'Another site sent this. Writes come from the console itself, or carry a token.',
  code: 'cross-site',
};

function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const body = JSON.stringify(problem);
  return reply.code(problem.status).type('application/problem+json').send(body);
}

function guard(server: FastifyInstance, options: HttpOptions): void {
  const hosts = new Set(options.hosts.map((host) => host.toLowerCase()));
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders);
    if (options.tls !== undefined) reply.header('strict-transport-security', 'max-age=31536000');
    request.actor = nobody;
    // DNS rebinding: a page of another name that resolves to us must not reach us.
    if (!hosts.has((request.host ?? '').toLowerCase())) {
      return sendProblem(reply, unknownHost);
    }
    if (isCrossSiteWrite(request)) {
      return sendProblem(reply, crossSite);
    }
    request.actor = await options.authenticate(request);
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store');
    return undefined;
  });
}

/**
 * Cross-site request forgery: a browser says where a write comes from (Fetch metadata, else
 * Origin). Programs send neither, and carry a token instead of a cookie.
 */
function isCrossSiteWrite(request: FastifyRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return false;
  const site = request.headers['sec-fetch-site'];
  if (typeof site === 'string') return site !== 'same-origin' && site !== 'none';
  const origin = request.headers.origin;
  if (origin === undefined) return false;
  return origin !== `${request.protocol}://${request.host}`;
}
