import { sql } from 'kysely';
import type { Role } from '../../model/roles.ts';
import type { Connection } from '../../platform/database/database.ts';

/** Rows of the schema sign_in. Nothing here judges; the service does. */
export type UserRow = {
  id: string;
  email: string;
  name: string;
  role: Role;
  state: 'active' | 'invited' | 'disabled';
  password_hash: string | null;
  created_at: Date;
  last_seen_at: Date | null;
  has_passkey: boolean;
};

export type SessionRow = {
  user_id: string;
  role: Role;
  last_seen_at: Date;
  expires_at: Date;
  previous_visit_at: Date | null;
};

export type TokenRow = {
  id: string;
  user_id: string;
  name: string;
  role: Role;
  created_at: Date;
  expires_at: Date;
  last_used_at: Date | null;
};

export type PasskeyRow = {
  id: string;
  user_id: string;
  name: string;
  public_key: Buffer;
  counter: number;
  transports: string[];
  created_at: Date;
  last_used_at: Date | null;
};

type Db = Connection;

const userColumns = sql`
  u.id, u.email, u.name, u.role, u.state, u.password_hash, u.created_at, u.last_seen_at,
  exists (select from sign_in.passkey p where p.user_id = u.id) as has_passkey`;

export async function findUserById(db: Db, id: string): Promise<UserRow | undefined> {
  const found = await sql<UserRow>`
    select ${userColumns} from sign_in.app_user u where u.id = ${id}`.execute(db);
  return found.rows[0];
}

export async function findUserByEmail(db: Db, email: string): Promise<UserRow | undefined> {
  const found = await sql<UserRow>`
    select ${userColumns} from sign_in.app_user u
    where lower(u.email) = lower(${email})`.execute(db);
  return found.rows[0];
}

export async function listUserRows(
  db: Db,
  page: { after: string | undefined; limit: number },
): Promise<UserRow[]> {
  const found = await sql<UserRow>`
    select ${userColumns} from sign_in.app_user u
    where (${page.after ?? null}::uuid is null or u.id > ${page.after ?? null}::uuid)
    order by u.id limit ${page.limit}`.execute(db);
  return found.rows;
}

export async function insertUser(
  db: Db,
  user: {
    id: string;
    email: string;
    name: string;
    role: Role;
    state: UserRow['state'];
    passwordHash: string | null;
    at: Date;
  },
): Promise<void> {
  await sql`
    insert into sign_in.app_user (id, email, name, role, state, password_hash, created_at)
    values (${user.id}, ${user.email}, ${user.name}, ${user.role}, ${user.state},
            ${user.passwordHash}, ${user.at})`.execute(db);
}

export async function updateUser(
  db: Db,
  id: string,
  change: { name?: string; role?: Role; state?: UserRow['state']; passwordHash?: string },
): Promise<void> {
  await sql`
    update sign_in.app_user set
      name = coalesce(${change.name ?? null}, name),
      role = coalesce(${change.role ?? null}, role),
      state = coalesce(${change.state ?? null}, state),
      password_hash = coalesce(${change.passwordHash ?? null}, password_hash)
    where id = ${id}`.execute(db);
}

/** Owners who can sign in, locked: the last one may be neither demoted nor disabled. */
export async function lockActiveOwners(db: Db): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from sign_in.app_user where role = 'owner' and state = 'active'
    order by id for update`.execute(db);
  return found.rows.map((row) => row.id);
}

export async function hasAnyUser(db: Db): Promise<boolean> {
  const found = await sql<{ any: boolean }>`
    select exists (select from sign_in.app_user) as any`.execute(db);
  return found.rows[0]?.any === true;
}

export async function insertSession(
  db: Db,
  session: { idHash: Buffer; userId: string; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`
    insert into sign_in.session
      (id_hash, user_id, created_at, last_seen_at, expires_at, previous_visit_at)
    select ${session.idHash}, u.id, ${session.at}, ${session.at}, ${session.expiresAt},
           u.last_seen_at
    from sign_in.app_user u where u.id = ${session.userId}`.execute(db);
  await sql`delete from sign_in.session where expires_at < ${session.at}`.execute(db);
  await sql`
    update sign_in.app_user set last_seen_at = ${session.at}
    where id = ${session.userId}`.execute(db);
}

export async function findSession(
  db: Db,
  idHash: Buffer,
  at: Date,
): Promise<SessionRow | undefined> {
  const found = await sql<SessionRow>`
    select s.user_id, u.role, s.last_seen_at, s.expires_at, s.previous_visit_at
    from sign_in.session s join sign_in.app_user u on u.id = s.user_id
    where s.id_hash = ${idHash} and s.expires_at > ${at} and u.state = 'active'`.execute(db);
  return found.rows[0];
}

export async function touchSession(
  db: Db,
  session: { idHash: Buffer; userId: string; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`
    update sign_in.session set last_seen_at = ${session.at}, expires_at = ${session.expiresAt}
    where id_hash = ${session.idHash}`.execute(db);
  await sql`
    update sign_in.app_user set last_seen_at = ${session.at}
    where id = ${session.userId}`.execute(db);
}

export async function deleteSession(db: Db, idHash: Buffer): Promise<void> {
  await sql`delete from sign_in.session where id_hash = ${idHash}`.execute(db);
}

export async function deleteSessionsOf(db: Db, userId: string): Promise<void> {
  await sql`delete from sign_in.session where user_id = ${userId}`.execute(db);
}

export async function insertLink(
  db: Db,
  link: {
    tokenHash: Buffer;
    purpose: 'set-up' | 'owner' | 'invitation';
    userId: string | null;
    at: Date;
    expiresAt: Date;
  },
): Promise<void> {
  await sql`
    delete from sign_in.one_time_link
    where purpose = ${link.purpose} and used_at is null
      and user_id is not distinct from ${link.userId}::uuid`.execute(db);
  await sql`
    insert into sign_in.one_time_link (token_hash, purpose, user_id, created_at, expires_at)
    values (${link.tokenHash}, ${link.purpose}, ${link.userId}, ${link.at},
            ${link.expiresAt})`.execute(db);
}

/** Marks a link used and says whose it was, in one statement: two browsers cannot both use it. */
export async function useLink(
  db: Db,
  tokenHash: Buffer,
  at: Date,
): Promise<{ purpose: 'set-up' | 'owner' | 'invitation'; user_id: string | null } | undefined> {
  const found = await sql<{
    purpose: 'set-up' | 'owner' | 'invitation';
    user_id: string | null;
  }>`
    update sign_in.one_time_link set used_at = ${at}
    where token_hash = ${tokenHash} and used_at is null and expires_at > ${at}
    returning purpose, user_id`.execute(db);
  return found.rows[0];
}

export async function insertToken(
  db: Db,
  token: {
    id: string;
    userId: string;
    name: string;
    role: Role;
    secretHash: Buffer;
    at: Date;
    expiresAt: Date;
  },
): Promise<void> {
  await sql`
    insert into sign_in.api_token
      (id, user_id, name, role, secret_hash, created_at, expires_at)
    values (${token.id}, ${token.userId}, ${token.name}, ${token.role}, ${token.secretHash},
            ${token.at}, ${token.expiresAt})`.execute(db);
}

export async function findToken(
  db: Db,
  secretHash: Buffer,
  at: Date,
): Promise<(TokenRow & { user_role: Role }) | undefined> {
  const found = await sql<TokenRow & { user_role: Role }>`
    select t.id, t.user_id, t.name, t.role, t.created_at, t.expires_at, t.last_used_at,
           u.role as user_role
    from sign_in.api_token t join sign_in.app_user u on u.id = t.user_id
    where t.secret_hash = ${secretHash} and t.revoked_at is null and t.expires_at > ${at}
      and u.state = 'active'`.execute(db);
  return found.rows[0];
}

export async function touchToken(db: Db, id: string, at: Date): Promise<void> {
  await sql`update sign_in.api_token set last_used_at = ${at} where id = ${id}`.execute(db);
}

export async function listTokenRows(db: Db, userId: string): Promise<TokenRow[]> {
  const found = await sql<TokenRow>`
    select id, user_id, name, role, created_at, expires_at, last_used_at
    from sign_in.api_token where user_id = ${userId} and revoked_at is null
    order by created_at desc limit 500`.execute(db);
  return found.rows;
}

export async function revokeTokenRow(
  db: Db,
  token: { id: string; userId: string; at: Date },
): Promise<boolean> {
  const changed = await sql`
    update sign_in.api_token set revoked_at = ${token.at}
    where id = ${token.id} and user_id = ${token.userId} and revoked_at is null`.execute(db);
  return changed.numAffectedRows === 1n;
}

export async function findPreviousVisit(db: Db, userId: string): Promise<Date | undefined> {
  const found = await sql<{ at: Date | null }>`
    select previous_visit_at as at from sign_in.session where user_id = ${userId}
    order by last_seen_at desc limit 1`.execute(db);
  return found.rows[0]?.at ?? undefined;
}
