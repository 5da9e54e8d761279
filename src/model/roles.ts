import { forbidden, unauthenticated } from './errors.ts';

/** Who may do what in Wharfinger itself. The committed golden file shows this table to people. */
export const roles = ['owner', 'operator', 'viewer', 'auditor'] as const;
export type Role = (typeof roles)[number];

const everyone: readonly Role[] = roles;
const operators: readonly Role[] = ['owner', 'operator'];
const owners: readonly Role[] = ['owner'];

/** action → the roles that may. An action that is not here is denied to all. */
export const roleTable = {
  'component.read': everyone,
  'connection.manage': operators,
  'connection.read': everyone,
  'connection.sync': operators,
  'evidence.export': ['owner', 'operator', 'auditor'],
  'evidence.manage': owners,
  'evidence.read': everyone,
  'inventory.read': everyone,
  'notice.manage': owners,
  'notice.read': everyone,
  'ownership.manage': operators,
  'ownership.read': everyone,
  'sample.manage': operators,
  'scan.upload': operators,
  'user.manage': owners,
  'user.read': ['owner', 'auditor'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Action = keyof typeof roleTable;

/** Whoever asks: a signed-in user, a token of theirs, or the system itself (jobs). */
export type Actor =
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly role: Role;
      /** The API token used, when it was not a browser session. */
      readonly tokenId?: string;
    }
  | { readonly kind: 'system'; readonly name: string }
  | { readonly kind: 'nobody' };

export const nobody: Actor = { kind: 'nobody' };

export function isAllowed(actor: Actor, action: Action): boolean {
  if (actor.kind === 'system') return true;
  if (actor.kind === 'nobody') return false;
  const allowed: readonly Role[] = roleTable[action];
  return allowed.includes(actor.role);
}

/**
 * The first statement of every service method.
 * @throws unauthenticated when nobody is signed in, forbidden when their role may not.
 */
export function authorize(actor: Actor, action: Action): void {
  if (actor.kind === 'nobody') throw unauthenticated('Sign in first.');
  if (isAllowed(actor, action)) return;
  const allowed: readonly Role[] = roleTable[action];
  throw forbidden(`This needs the role ${allowed.join(' or ')}.`, {
    code: 'role-needed',
    context: { action },
  });
}

/** Narrows to a signed-in user, for what belongs to a person and not to a job. */
export function signedInUser(actor: Actor): Extract<Actor, { kind: 'user' }> {
  if (actor.kind !== 'user') throw unauthenticated('Sign in first.');
  return actor;
}

/** The id evidence entries carry for whoever acted. */
export function actorId(actor: Actor): string {
  if (actor.kind === 'user') return `user:${actor.userId}`;
  return actor.kind === 'system' ? `system:${actor.name}` : 'nobody';
}
