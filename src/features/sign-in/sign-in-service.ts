import { z } from 'zod';
import type { Json } from '../../model/canonical-json.ts';
import { conflict, forbidden, invalid, notFound, unauthenticated } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import {
  type Actor,
  actorId,
  authorize,
  type Role,
  roleTable,
  signedInUser,
} from '../../model/roles.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import {
  type Database,
  inTransaction,
  type Transaction,
} from '../../platform/database/database.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import { checkDecoy, hashPassword, hashSecret, isPassword, newSecret } from './secrets.ts';
import type { Session, User } from './sign-in-contract.ts';
import * as store from './sign-in-store.ts';

const SESSION_DAYS = 14;
const SET_UP_LINK_HOURS = 24;
const INVITATION_DAYS = 7;
/** A session or token in use is written down at most this often. */
export const TOUCH_AFTER_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export type SignInContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly installation: { readonly id: string; readonly version: string };
  /** The address people reach this server by, without a slash at the end. */
  readonly publicUrl: string;
};

/** A session just begun: the secret goes into the cookie and is kept nowhere. */
export type NewSession = { readonly secret: string; readonly session: Session };

/**
 * Makes the one-time link of the first start, or undefined when someone is already set up.
 * An earlier unused link stops working.
 */
export async function createSetUpLink(context: SignInContext): Promise<string | undefined> {
  return inTransaction(context.database, async (trx) => {
    if (await store.hasAnyUser(trx)) return undefined;
    return linkFor(context, trx, { purpose: 'set-up', userId: null });
  });
}

/** A new link for an owner who is locked out; whoever can read the data folder may ask for it. */
export async function createOwnerLink(context: SignInContext): Promise<string> {
  return inTransaction(context.database, async (trx) => {
    await appendEvidence(trx, {
      kind: 'sign-in.owner-link-made',
      actor: 'system:command-line',
      subjects: [],
      at: context.clock.now(),
      body: {},
    });
    return linkFor(context, trx, { purpose: 'owner', userId: null });
  });
}

async function linkFor(
  context: SignInContext,
  trx: Transaction,
  link: { purpose: 'set-up' | 'owner' | 'invitation'; userId: string | null },
): Promise<string> {
  const secret = newSecret();
  const at = context.clock.now();
  const life =
    link.purpose === 'invitation' ? INVITATION_DAYS * DAY_MS : SET_UP_LINK_HOURS * HOUR_MS;
  const expiresAt = new Date(at.getTime() + life);
  await store.insertLink(trx, { ...link, tokenHash: hashSecret(secret), at, expiresAt });
  const page = link.purpose === 'invitation' ? 'join' : 'set-up';
  // In the fragment: it is not sent to any server on the way, nor kept in an access log.
  return `${context.publicUrl}/${page}#${secret}`;
}

/** The first owner, or another one after a lock-out, by the one-time link. */
export async function setUp(
  context: SignInContext,
  form: { token: string; email: string; name: string; password: string },
): Promise<NewSession> {
  const passwordHash = await hashPassword(form.password);
  return inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    const link = await store.useLink(trx, hashSecret(form.token), at);
    if (link === undefined || link.purpose === 'invitation') throw spentLink();
    // The link of the first start is for the first owner alone, however many were made.
    if (link.purpose === 'set-up' && (await store.hasAnyUser(trx))) throw spentLink();
    const known = await store.findUserByEmail(trx, form.email);
    const id = known?.id ?? context.ids.next();
    if (known === undefined) {
      const { email, name } = form;
      await store.insertUser(trx, {
        id,
        email,
        name,
        role: 'owner',
        state: 'active',
        passwordHash,
        at,
      });
    } else {
      const change = { name: form.name, role: 'owner', state: 'active', passwordHash } as const;
      await store.updateUser(trx, id, change);
      await store.deleteSessionsOf(trx, id);
    }
    await record(context, trx, `user:${id}`, 'sign-in.owner-set-up', [`user:${id}`], {
      by: link.purpose,
    });
    return beginSession(context, trx, id);
  });
}

export async function acceptInvitation(
  context: SignInContext,
  form: { token: string; name: string; password: string },
): Promise<NewSession> {
  const passwordHash = await hashPassword(form.password);
  return inTransaction(context.database, async (trx) => {
    const link = await store.useLink(trx, hashSecret(form.token), context.clock.now());
    const id = link?.purpose === 'invitation' ? link.user_id : null;
    const user = id === null ? undefined : await store.findUserById(trx, id);
    if (user === undefined || user.state !== 'invited') throw spentLink();
    await store.updateUser(trx, user.id, { name: form.name, state: 'active', passwordHash });
    const subject = `user:${user.id}`;
    await record(context, trx, subject, 'sign-in.invitation-accepted', [subject], {});
    return beginSession(context, trx, user.id);
  });
}

function spentLink() {
  return forbidden('This link was used already or has expired. Ask an owner for a new one.', {
    code: 'link-spent',
  });
}

export async function signInWithPassword(
  context: SignInContext,
  form: { email: string; password: string },
): Promise<NewSession> {
  const user = await store.findUserByEmail(context.database.kysely, form.email);
  const hash = user?.state === 'active' ? user.password_hash : null;
  if (hash === null || hash === undefined) await checkDecoy(form.password);
  const right = typeof hash === 'string' && (await isPassword(form.password, hash));
  if (user === undefined || !right) {
    throw unauthenticated('E-mail address and password do not fit together.', {
      code: 'sign-in-refused',
    });
  }
  return inTransaction(context.database, (trx) => beginSession(context, trx, user.id));
}

/** Rotates: every sign-in makes a new session id. The caller has checked who it is. */
export async function beginSession(
  context: SignInContext,
  trx: Transaction,
  userId: string,
): Promise<NewSession> {
  const at = context.clock.now();
  const user = await store.findUserById(trx, userId);
  if (user?.state !== 'active') throw unauthenticated('This account is disabled.');
  const secret = newSecret();
  const expiresAt = new Date(at.getTime() + SESSION_DAYS * DAY_MS);
  await store.insertSession(trx, { idHash: hashSecret(secret), userId, at, expiresAt });
  await record(context, trx, `user:${userId}`, 'sign-in.session-begun', [`user:${userId}`], {});
  return { secret, session: describeSession(context, user, user.last_seen_at) };
}

export async function endSession(
  context: SignInContext,
  actor: Actor,
  secret: string | undefined,
): Promise<void> {
  signedInUser(actor);
  if (secret === undefined) return;
  await store.deleteSession(context.database.kysely, hashSecret(secret));
}

/** Who a session cookie belongs to; undefined when it is unknown, expired or its user disabled. */
export async function findActorBySession(
  context: SignInContext,
  secret: string,
): Promise<Actor | undefined> {
  const db = context.database.kysely;
  const at = context.clock.now();
  const idHash = hashSecret(secret);
  const session = await store.findSession(db, idHash, at);
  if (session === undefined) return undefined;
  if (at.getTime() - session.last_seen_at.getTime() > TOUCH_AFTER_MS) {
    const expiresAt = new Date(at.getTime() + SESSION_DAYS * DAY_MS);
    await store.touchSession(db, { idHash, userId: session.user_id, at, expiresAt });
  }
  return { kind: 'user', userId: session.user_id, role: session.role };
}

export async function getSession(
  context: SignInContext,
  actor: Actor,
  secret: string | undefined,
): Promise<Session> {
  const { userId, role } = signedInUser(actor);
  const db = context.database.kysely;
  const user = await store.findUserById(db, userId);
  if (user === undefined) throw unauthenticated('Sign in first.');
  const session =
    secret === undefined
      ? undefined
      : await store.findSession(db, hashSecret(secret), context.clock.now());
  const described = describeSession(context, user, session?.previous_visit_at ?? null);
  // A token may do less than its user.
  return { ...described, actions: actionsOf(role) };
}

function actionsOf(role: Role): string[] {
  return Object.entries(roleTable)
    .filter(([, allowed]) => (allowed as readonly Role[]).includes(role))
    .map(([action]) => action);
}

function describeSession(
  context: SignInContext,
  user: store.UserRow,
  previousVisitAt: Date | null,
): Session {
  return {
    user: describeUser(user),
    actions: actionsOf(user.role),
    installation: { ...context.installation },
    ...(previousVisitAt === null ? {} : { previousVisitAt: previousVisitAt.toISOString() }),
  };
}

export function describeUser(row: store.UserRow): User {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role,
    state: row.state,
    hasPasskey: row.has_passkey,
    createdAt: row.created_at.toISOString(),
    ...(row.last_seen_at === null ? {} : { lastSeenAt: row.last_seen_at.toISOString() }),
  };
}

export async function listUsers(
  context: SignInContext,
  actor: Actor,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<User>> {
  authorize(actor, 'user.read');
  const after = decodeCursor(page.cursor)?.[0];
  const rows = await store.listUserRows(context.database.kysely, {
    after: isId(after) ? after : undefined,
    limit: page.limit + 1,
  });
  const items = rows.slice(0, page.limit).map(describeUser);
  const last = items.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.id]) };
}

export async function inviteUser(
  context: SignInContext,
  actor: Actor,
  form: { email: string; role: Role },
): Promise<{ user: User; link: string; expiresAt: string }> {
  authorize(actor, 'user.manage');
  return inTransaction(context.database, async (trx) => {
    const at = context.clock.now();
    const known = await store.findUserByEmail(trx, form.email);
    if (known !== undefined && known.state !== 'invited') {
      throw conflict('Someone with this e-mail address already has an account.');
    }
    const id = known?.id ?? context.ids.next();
    if (known === undefined) {
      const { email, role } = form;
      const fresh = {
        id,
        email,
        name: email,
        role,
        state: 'invited',
        passwordHash: null,
        at,
      } as const;
      await store.insertUser(trx, fresh);
    } else {
      await store.updateUser(trx, id, { role: form.role });
    }
    const link = await linkFor(context, trx, { purpose: 'invitation', userId: id });
    await record(context, trx, actorId(actor), 'user.invited', [`user:${id}`], { role: form.role });
    const user = await store.findUserById(trx, id);
    if (user === undefined) throw notFound('That user is gone.');
    const expiresAt = new Date(at.getTime() + INVITATION_DAYS * DAY_MS).toISOString();
    return { user: describeUser(user), link, expiresAt };
  });
}

export async function changeUser(
  context: SignInContext,
  actor: Actor,
  change: { id: string; role?: Role | undefined; disabled?: boolean | undefined },
): Promise<User> {
  authorize(actor, 'user.manage');
  if (!isId(change.id)) throw notFound('There is no such user.');
  return inTransaction(context.database, async (trx) => {
    const owners = await store.lockActiveOwners(trx);
    const user = await store.findUserById(trx, change.id);
    if (user === undefined) throw notFound('There is no such user.');
    if (user.state === 'invited' && change.disabled === false) {
      throw invalid('This user has not accepted the invitation yet.');
    }
    // Disabled before the invitation was accepted: there is nothing to sign in with.
    const enabled = user.password_hash === null ? 'invited' : 'active';
    const losesOwner = change.disabled === true || (change.role ?? 'owner') !== 'owner';
    if (losesOwner && owners.length === 1 && owners[0] === user.id) {
      throw conflict(
        'The last owner cannot be demoted or disabled. Make someone else owner first.',
      );
    }
    await store.updateUser(trx, user.id, {
      ...(change.role === undefined ? {} : { role: change.role }),
      ...(change.disabled === undefined ? {} : { state: change.disabled ? 'disabled' : enabled }),
    });
    if (change.disabled === true) await store.deleteSessionsOf(trx, user.id);
    const body = { role: change.role ?? null, disabled: change.disabled ?? null };
    await record(context, trx, actorId(actor), 'user.changed', [`user:${user.id}`], body);
    return describeUser((await store.findUserById(trx, user.id)) ?? user);
  });
}

/** At most the rights of whoever holds both: a token never outranks its user's present role. */
export function lesserRole(one: Role, other: Role): Role {
  if (one === other) return one;
  if (one === 'owner') return other;
  if (other === 'owner') return one;
  // Operator, viewer and auditor each hold rights another lacks; both hold only the viewer's.
  return 'viewer';
}

export function isId(text: unknown): text is string {
  return z.guid().safeParse(text).success;
}

export async function record(
  context: SignInContext,
  trx: Transaction,
  actor: string,
  kind: string,
  subjects: readonly string[],
  body: Json,
): Promise<void> {
  await appendEvidence(trx, { kind, actor, subjects, at: context.clock.now(), body });
}

/** When this user was here before today's visit; undefined on the first. */
export async function previousVisitOf(
  context: SignInContext,
  actor: Actor,
): Promise<Date | undefined> {
  if (actor.kind !== 'user') return undefined;
  return store.findPreviousVisit(context.database.kysely, actor.userId);
}
