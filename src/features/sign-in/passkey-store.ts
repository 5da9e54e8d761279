import { sql } from 'kysely';
import type { Connection } from '../../platform/database/database.ts';
import type { PasskeyRow } from './sign-in-store.ts';

type Db = Connection;

export async function insertChallenge(
  db: Db,
  challenge: { challenge: string; userId: string | null; at: Date; expiresAt: Date },
): Promise<void> {
  await sql`delete from sign_in.challenge where expires_at < ${challenge.at}`.execute(db);
  await sql`
    insert into sign_in.challenge (challenge, user_id, expires_at)
    values (${challenge.challenge}, ${challenge.userId}, ${challenge.expiresAt})`.execute(db);
}

/** True once for each challenge that was given out to this user (or to nobody yet). */
export async function useChallenge(
  db: Db,
  challenge: { challenge: string; userId: string | null; at: Date },
): Promise<boolean> {
  const gone = await sql`
    delete from sign_in.challenge
    where challenge = ${challenge.challenge} and expires_at > ${challenge.at}
      and user_id is not distinct from ${challenge.userId}::uuid`.execute(db);
  return gone.numAffectedRows === 1n;
}

export async function listPasskeyRows(db: Db, userId: string): Promise<PasskeyRow[]> {
  const found = await sql<PasskeyRow>`
    select * from sign_in.passkey where user_id = ${userId}
    order by created_at limit 100`.execute(db);
  return found.rows;
}

export async function findPasskey(db: Db, id: string): Promise<PasskeyRow | undefined> {
  const found = await sql<PasskeyRow>`
    select * from sign_in.passkey where id = ${id}`.execute(db);
  return found.rows[0];
}

/** False when that passkey is someone's already. */
export async function insertPasskey(
  db: Db,
  key: {
    id: string;
    userId: string;
    name: string;
    publicKey: Buffer;
    counter: number;
    transports: readonly string[];
    at: Date;
  },
): Promise<boolean> {
  const added = await sql`
    insert into sign_in.passkey
      (id, user_id, name, public_key, counter, transports, created_at)
    values (${key.id}, ${key.userId}, ${key.name}, ${key.publicKey}, ${key.counter},
            ${[...key.transports]}, ${key.at})
    on conflict do nothing`.execute(db);
  return added.numAffectedRows === 1n;
}

export async function touchPasskey(
  db: Db,
  key: { id: string; counter: number; at: Date },
): Promise<void> {
  await sql`
    update sign_in.passkey set counter = ${key.counter}, last_used_at = ${key.at}
    where id = ${key.id}`.execute(db);
}

export async function deletePasskey(db: Db, key: { id: string; userId: string }): Promise<boolean> {
  const gone = await sql`
    delete from sign_in.passkey where id = ${key.id} and user_id = ${key.userId}`.execute(db);
  return gone.numAffectedRows === 1n;
}
