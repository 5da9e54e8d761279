import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import {
  conflict,
  Failure,
  forbidden,
  invalid,
  notFound,
  unauthenticated,
} from '../../model/errors.ts';
import { type Actor, actorId, signedInUser } from '../../model/roles.ts';
import { inTransaction } from '../../platform/database/database.ts';
import * as passkeys from './passkey-store.ts';
import type { Passkey } from './sign-in-contract.ts';
import { beginSession, type NewSession, record, type SignInContext } from './sign-in-service.ts';
import { findUserById, type PasskeyRow } from './sign-in-store.ts';

const CHALLENGE_MINUTES = 5;
const PASSKEYS_PER_USER_MAX = 20;

type Json = Record<string, unknown>;

/** WebAuthn binds a passkey to the site's name: it works at a host name, never at an address. */
function relyingParty(context: SignInContext) {
  const url = new URL(context.publicUrl);
  return { rpId: url.hostname, origin: url.origin };
}

async function keepChallenge(
  context: SignInContext,
  challenge: string,
  userId: string | null,
): Promise<void> {
  const at = context.clock.now();
  const expiresAt = new Date(at.getTime() + CHALLENGE_MINUTES * 60_000);
  await passkeys.insertChallenge(context.database.kysely, { challenge, userId, at, expiresAt });
}

export async function startPasskeySignIn(context: SignInContext): Promise<Json> {
  const { rpId } = relyingParty(context);
  const options = await generateAuthenticationOptions({ rpID: rpId, userVerification: 'required' });
  await keepChallenge(context, options.challenge, null);
  return { ...options };
}

export async function signInWithPasskey(context: SignInContext, answer: Json): Promise<NewSession> {
  const response = answer as unknown as AuthenticationResponseJSON;
  const id = typeof answer['id'] === 'string' ? answer['id'] : '';
  const key = await passkeys.findPasskey(context.database.kysely, id);
  if (key === undefined) throw refused();
  const { rpId, origin } = relyingParty(context);
  const at = context.clock.now();
  const verification = await orRefuse(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) =>
        passkeys.useChallenge(context.database.kysely, { challenge, userId: null, at }),
      expectedOrigin: origin,
      expectedRPID: rpId,
      credential: credentialOf(key),
    }),
  );
  if (!verification.verified) throw refused();
  return inTransaction(context.database, async (trx) => {
    const counter = verification.authenticationInfo.newCounter;
    await passkeys.touchPasskey(trx, { id: key.id, counter, at });
    return beginSession(context, trx, key.user_id);
  });
}

function credentialOf(key: PasskeyRow) {
  return {
    id: key.id,
    publicKey: new Uint8Array(key.public_key),
    counter: key.counter,
    transports: key.transports as [],
  };
}

export async function startPasskey(context: SignInContext, actor: Actor): Promise<Json> {
  const user = await ownAccount(context, actor);
  const known = await passkeys.listPasskeyRows(context.database.kysely, user.id);
  const options = await generateRegistrationOptions({
    rpName: 'Wharfinger',
    rpID: relyingParty(context).rpId,
    userName: user.email,
    userDisplayName: user.name,
    userID: new TextEncoder().encode(user.id),
    excludeCredentials: known.map((key) => ({ id: key.id })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  });
  await keepChallenge(context, options.challenge, user.id);
  return { ...options };
}

export async function addPasskey(
  context: SignInContext,
  actor: Actor,
  form: { name: string; answer: Json },
): Promise<Passkey> {
  const user = await ownAccount(context, actor);
  const { rpId, origin } = relyingParty(context);
  const at = context.clock.now();
  const verification = await orRefuse(() =>
    verifyRegistrationResponse({
      response: form.answer as unknown as RegistrationResponseJSON,
      expectedChallenge: (challenge) =>
        passkeys.useChallenge(context.database.kysely, { challenge, userId: user.id, at }),
      expectedOrigin: origin,
      expectedRPID: rpId,
    }),
  );
  if (!verification.verified) throw refused();
  const { credential } = verification.registrationInfo;
  return inTransaction(context.database, async (trx) => {
    const known = await passkeys.listPasskeyRows(trx, user.id);
    if (known.length >= PASSKEYS_PER_USER_MAX) throw invalid('Remove a passkey first: 20 at most.');
    const isAdded = await passkeys.insertPasskey(trx, {
      id: credential.id,
      userId: user.id,
      name: form.name,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: credential.transports ?? [],
      at,
    });
    if (!isAdded) throw conflict('This passkey was added before. Sign in with it.');
    const subjects = [`user:${user.id}`];
    await record(context, trx, actorId(actor), 'sign-in.passkey-added', subjects, {});
    return { id: credential.id, name: form.name, createdAt: at.toISOString() };
  });
}

export async function listPasskeys(context: SignInContext, actor: Actor): Promise<Passkey[]> {
  const { userId } = signedInUser(actor);
  const rows = await passkeys.listPasskeyRows(context.database.kysely, userId);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    ...(row.last_used_at === null ? {} : { lastUsedAt: row.last_used_at.toISOString() }),
  }));
}

export async function removePasskey(
  context: SignInContext,
  actor: Actor,
  id: string,
): Promise<void> {
  const user = await ownAccount(context, actor);
  await inTransaction(context.database, async (trx) => {
    if (!(await passkeys.deletePasskey(trx, { id, userId: user.id }))) {
      throw notFound('You have no such passkey.');
    }
    const subjects = [`user:${user.id}`];
    await record(context, trx, actorId(actor), 'sign-in.passkey-removed', subjects, {});
  });
}

async function ownAccount(context: SignInContext, actor: Actor) {
  const { userId, tokenId } = signedInUser(actor);
  if (tokenId !== undefined) throw forbidden('Passkeys are managed in a signed-in session.');
  const user = await findUserById(context.database.kysely, userId);
  if (user === undefined) throw unauthenticated('Sign in first.');
  return user;
}

/** The library throws plain errors that name internals; a person needs one sentence. */
async function orRefuse<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw refused(cause);
  }
}

function refused(cause?: unknown): Failure {
  return unauthenticated('The passkey was not accepted. Try again, or sign in by password.', {
    code: 'passkey-refused',
    ...(cause === undefined ? {} : { cause }),
  });
}
