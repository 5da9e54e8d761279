import { forbidden, notFound, unauthenticated } from '../../model/errors.ts';
import {
  type Action,
  type Actor,
  actorId,
  isAllowed,
  type Role,
  roleTable,
  signedInUser,
} from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { ApiToken } from './sign-in-contract.ts';
import { isId, lesserRole, record, type SignInContext, TOUCH_AFTER_MS } from './sign-in-service.ts';
import * as store from './sign-in-store.ts';

const DAY_MS = 86_400_000;
/** Marks our tokens, so that a secret scanner knows one when it sees it. */
const TOKEN_PREFIX = 'whf_';

/** Who a bearer token speaks for; undefined when unknown, expired, revoked or its user disabled. */
export async function findActorByToken(
  context: SignInContext,
  secret: string,
): Promise<Actor | undefined> {
  if (!secret.startsWith(TOKEN_PREFIX)) return undefined;
  const at = context.clock.now();
  const token = await store.findToken(context.database.kysely, hashSecret(secret), at);
  if (token === undefined) return undefined;
  const lastUsed = token.last_used_at?.getTime() ?? 0;
  if (at.getTime() - lastUsed > TOUCH_AFTER_MS) {
    await store.touchToken(context.database.kysely, token.id, at);
  }
  const role = lesserRole(token.role, token.user_role);
  return { kind: 'user', userId: token.user_id, role, tokenId: token.id };
}

/** A token may not mint another: a leaked one would outlive its own end. */
function browserUser(actor: Actor) {
  const user = signedInUser(actor);
  if (user.tokenId !== undefined) {
    throw forbidden('API tokens are made and revoked in a signed-in session, not by a token.');
  }
  return user;
}

export async function createToken(
  context: SignInContext,
  actor: Actor,
  form: { name: string; role: Role; expiresInDays: number },
): Promise<{ token: ApiToken; secret: string }> {
  const user = browserUser(actor);
  const exceeds = (Object.keys(roleTable) as Action[]).some(
    (action) => isAllowed({ ...user, role: form.role }, action) && !isAllowed(user, action),
  );
  if (exceeds) throw forbidden('A token cannot have more rights than you have.');
  const secret = TOKEN_PREFIX + newSecret();
  return inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    const id = context.ids.next();
    const expiresAt = new Date(at.getTime() + form.expiresInDays * DAY_MS);
    const { name, role } = form;
    const secretHash = hashSecret(secret);
    await store.insertToken(trx, {
      id,
      userId: user.userId,
      name,
      role,
      secretHash,
      at,
      expiresAt,
    });
    const body = { role, expiresAt: expiresAt.toISOString() };
    await record(context, trx, actorId(actor), 'token.created', [`token:${id}`], body);
    const token = {
      id,
      name,
      role,
      createdAt: at.toISOString(),
      expiresAt: expiresAt.toISOString(),
    };
    return { token, secret };
  });
}

export async function listTokens(context: SignInContext, actor: Actor): Promise<ApiToken[]> {
  const user = signedInUser(actor);
  const rows = await store.listTokenRows(context.database.kysely, user.userId);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
  }));
}

export async function revokeToken(context: SignInContext, actor: Actor, id: string): Promise<void> {
  const user = signedInUser(actor);
  if (!isId(id)) throw notFound('You have no such token.');
  await inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    if (!(await store.revokeTokenRow(trx, { id, userId: user.userId, at }))) {
      throw notFound('You have no such token.');
    }
    await record(context, trx, actorId(actor), 'token.revoked', [`token:${id}`], {});
  });
}

export function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [scheme, secret, ...rest] = header.split(' ');
  if (scheme?.toLowerCase() !== 'bearer' || secret === undefined || rest.length > 0) {
    throw unauthenticated('The Authorization header must read: Bearer TOKEN.');
  }
  return secret;
}
