import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { pageOf, pageQuery } from '../../model/page.ts';
import { roles } from '../../model/roles.ts';

export const RoleName = z.enum(roles);

export const User = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: RoleName,
  state: z.enum(['active', 'invited', 'disabled']),
  hasPasskey: z.boolean(),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().optional(),
});
export type User = z.output<typeof User>;

export const Session = z.object({
  user: User,
  /** What this role may do, so that a page offers only that. The server checks all the same. */
  actions: z.array(z.string()),
  installation: z.object({ id: z.string(), version: z.string() }),
  /** When this user was last here before this session, for "since you were here". */
  previousVisitAt: z.iso.datetime().optional(),
});
export type Session = z.output<typeof Session>;

export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  role: RoleName,
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().optional(),
});
export type ApiToken = z.output<typeof ApiToken>;

export const Passkey = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().optional(),
});
export type Passkey = z.output<typeof Passkey>;

const email = z.email().max(320);
const name = z.string().trim().min(1).max(200);
/** NIST SP 800-63B: length is what counts; 12 at least, no rules of composition. */
const password = z.string().min(12).max(1000);
const byId = z.object({ id: z.string().max(100) });
/** WebAuthn's own JSON forms, checked by its library. */
const webauthn = z.record(z.string(), z.unknown());

export const signInEndpoints = {
  setUp: endpoint({
    method: 'POST',
    path: '/api/v1/set-up',
    summary: 'Create the first owner with the one-time link of the first start.',
    action: 'public',
    body: z.object({ token: z.string().max(200), email, name, password }),
    response: Session,
    status: 201,
  }),
  getSession: endpoint({
    method: 'GET',
    path: '/api/v1/session',
    summary: 'Who is signed in, and what they may do.',
    action: 'signed-in',
    response: Session,
  }),
  signIn: endpoint({
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Sign in with e-mail address and password.',
    action: 'public',
    body: z.object({ email, password: z.string().max(1000) }),
    response: Session,
    status: 201,
  }),
  signOut: endpoint({
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'End this session.',
    action: 'signed-in',
  }),
  startPasskeySignIn: endpoint({
    method: 'POST',
    path: '/api/v1/session/passkey/options',
    summary: 'The challenge for signing in with a passkey.',
    action: 'public',
    response: webauthn,
  }),
  signInWithPasskey: endpoint({
    method: 'POST',
    path: '/api/v1/session/passkey',
    summary: 'Sign in with a passkey.',
    action: 'public',
    body: webauthn,
    response: Session,
    status: 201,
  }),
  listPasskeys: endpoint({
    method: 'GET',
    path: '/api/v1/passkeys',
    summary: 'Your own passkeys.',
    action: 'signed-in',
    response: z.object({ items: z.array(Passkey) }),
  }),
  startPasskey: endpoint({
    method: 'POST',
    path: '/api/v1/passkeys/options',
    summary: 'The challenge for adding a passkey.',
    action: 'signed-in',
    response: webauthn,
  }),
  addPasskey: endpoint({
    method: 'POST',
    path: '/api/v1/passkeys',
    summary: 'Add a passkey to your account.',
    action: 'signed-in',
    body: z.object({ name, answer: webauthn }),
    response: Passkey,
    status: 201,
  }),
  removePasskey: endpoint({
    method: 'DELETE',
    path: '/api/v1/passkeys/:id',
    summary: 'Remove one of your passkeys.',
    action: 'signed-in',
    params: byId,
  }),
  listUsers: endpoint({
    method: 'GET',
    path: '/api/v1/users',
    summary: 'People who can sign in to Wharfinger.',
    action: 'user.read',
    query: z.object(pageQuery),
    response: pageOf(User),
  }),
  inviteUser: endpoint({
    method: 'POST',
    path: '/api/v1/users',
    summary: 'Invite someone: answers with a one-time link to hand to them.',
    action: 'user.manage',
    body: z.object({ email, role: RoleName }),
    response: z.object({ user: User, link: z.string(), expiresAt: z.iso.datetime() }),
    status: 201,
  }),
  changeUser: endpoint({
    method: 'PATCH',
    path: '/api/v1/users/:id',
    summary: "Change someone's role, disable or enable them.",
    action: 'user.manage',
    params: byId,
    body: z.object({ role: RoleName.optional(), disabled: z.boolean().optional() }),
    response: User,
  }),
  acceptInvitation: endpoint({
    method: 'POST',
    path: '/api/v1/invitations/accept',
    summary: 'Accept an invitation with its one-time link.',
    action: 'public',
    body: z.object({ token: z.string().max(200), name, password }),
    response: Session,
    status: 201,
  }),
  listTokens: endpoint({
    method: 'GET',
    path: '/api/v1/tokens',
    summary: 'Your own API tokens.',
    action: 'signed-in',
    response: z.object({ items: z.array(ApiToken) }),
  }),
  createToken: endpoint({
    method: 'POST',
    path: '/api/v1/tokens',
    summary: 'Create an API token with at most your own rights. Its secret is shown once.',
    action: 'signed-in',
    body: z.object({
      name,
      role: RoleName,
      expiresInDays: z.number().int().min(1).max(366),
    }),
    response: z.object({ token: ApiToken, secret: z.string() }),
    status: 201,
  }),
  revokeToken: endpoint({
    method: 'DELETE',
    path: '/api/v1/tokens/:id',
    summary: 'Revoke one of your API tokens.',
    action: 'signed-in',
    params: byId,
  }),
};
