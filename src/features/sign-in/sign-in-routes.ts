import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Actor, nobody } from '../../model/roles.ts';
import { registerEndpoints } from '../../platform/http/routes.ts';
import * as passkeys from './passkey-service.ts';
import { signInEndpoints } from './sign-in-contract.ts';
import * as service from './sign-in-service.ts';
import * as tokens from './token-service.ts';

/** `__Host-`: only over TLS or localhost, only this host, the whole site (RFC 6265bis). */
const COOKIE = '__Host-wharfinger';

/** Finds who asks. A bad token is an error; a stale cookie is just nobody. */
export async function authenticateRequest(
  context: service.SignInContext,
  request: FastifyRequest,
): Promise<Actor> {
  const bearer = tokens.bearerOf(request.headers.authorization);
  if (bearer !== undefined) return (await tokens.findActorByToken(context, bearer)) ?? nobody;
  const secret = request.cookies[COOKIE];
  if (secret === undefined) return nobody;
  return (await service.findActorBySession(context, secret)) ?? nobody;
}

function begin(reply: FastifyReply, begun: service.NewSession) {
  reply.setCookie(COOKIE, begun.secret, {
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
    maxAge: 14 * 86_400,
  });
  return begun.session;
}

export function registerSignIn(server: FastifyInstance, context: service.SignInContext): void {
  registerEndpoints(server, signInEndpoints, {
    setUp: async ({ body, reply }) => begin(reply, await service.setUp(context, body)),
    getSession: ({ actor, request }) => service.getSession(context, actor, request.cookies[COOKIE]),
    signIn: async ({ body, reply }) =>
      begin(reply, await service.signInWithPassword(context, body)),
    signOut: async ({ actor, request, reply }) => {
      // A stale cookie goes too, though its session is refused.
      reply.clearCookie(COOKIE, { path: '/', secure: true });
      await service.endSession(context, actor, request.cookies[COOKIE]);
    },
    startPasskeySignIn: () => passkeys.startPasskeySignIn(context),
    signInWithPasskey: async ({ body, reply }) =>
      begin(reply, await passkeys.signInWithPasskey(context, body)),
    listPasskeys: async ({ actor }) => ({ items: await passkeys.listPasskeys(context, actor) }),
    startPasskey: ({ actor }) => passkeys.startPasskey(context, actor),
    addPasskey: ({ actor, body }) => passkeys.addPasskey(context, actor, body),
    removePasskey: ({ actor, params }) => passkeys.removePasskey(context, actor, params.id),
    listUsers: ({ actor, query }) => service.listUsers(context, actor, query),
    inviteUser: ({ actor, body }) => service.inviteUser(context, actor, body),
    changeUser: ({ actor, params, body }) =>
      service.changeUser(context, actor, { id: params.id, ...body }),
    acceptInvitation: async ({ body, reply }) =>
      begin(reply, await service.acceptInvitation(context, body)),
    listTokens: async ({ actor }) => ({ items: await tokens.listTokens(context, actor) }),
    createToken: ({ actor, body }) => tokens.createToken(context, actor, body),
    revokeToken: ({ actor, params }) => tokens.revokeToken(context, actor, params.id),
  });
}
