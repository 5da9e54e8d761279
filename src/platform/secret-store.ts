import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { ClientBase } from 'pg';
import { invalid, notFound, unavailable } from '../model/errors.ts';
import type { Ids } from './clock.ts';
import { type Connection, type Database, inTransaction, tables } from './database/database.ts';

type SecretTables = {
  'platform.secret': {
    id: string;
    purpose: string;
    key_id: string;
    wrapped_key: Buffer;
    sealed: Buffer;
  };
};

export type MasterKey = { readonly id: string; readonly bytes: Buffer };

/** The operator's keys: the first seals, all of them open. */
export type KeyRing = readonly MasterKey[];

export type SecretStore = {
  /** Seals `value`; a row keeps the id. Commits with the caller's transaction. */
  put(connection: Connection, purpose: string, value: string): Promise<string>;
  /**
   * The value again; not-found when it is gone, and unavailable when its key is not in the ring.
   */
  get(connection: Connection, id: string): Promise<string>;
  remove(connection: Connection, id: string): Promise<void>;
};

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SECRET_BYTES_MAX = 1024 * 1024;
const REWRAP_BATCH = 500;

/** AES-256-GCM (NIST SP 800-38D) with a random nonce: nonce, tag, ciphertext. */
function seal(key: Buffer, plain: Buffer, bound: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(bound, 'utf8'));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

function unseal(key: Buffer, sealed: Buffer, bound: string): Buffer {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(bound, 'utf8'));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([
    decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)),
    decipher.final(),
  ]);
}

export function masterKey(bytes: Buffer): MasterKey {
  const digest = createHash('sha256').update('wharfinger master key id\0').update(bytes).digest();
  return { id: digest.toString('hex', 0, 8), bytes };
}

function keyFileText(ring: KeyRing): string {
  const lines = ring.map((key) => key.bytes.toString('base64'));
  return `# Wharfinger's key: without it the stored secrets cannot be read. Newest first.\n${lines.join('\n')}\n`;
}

function parseKeyFile(text: string, path: string): KeyRing {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const keys = lines.map((line) => Buffer.from(line.trim(), 'base64'));
  if (keys.length === 0 || keys.some((key) => key.length !== KEY_BYTES)) {
    throw invalid(`The key file ${path} must hold 32 bytes in base64 on each line.`, {
      code: 'key-file',
    });
  }
  return keys.map(masterKey);
}

export function writeKeyFile(path: string, ring: KeyRing): void {
  const unfinished = `${path}.unfinished`;
  writeFileSync(unfinished, keyFileText(ring), { mode: 0o600, flush: true });
  chmodSync(unfinished, 0o600);
  renameSync(unfinished, path);
}

/**
 * Reads the operator's keys. With `create`, a missing file is made (in the data folder); a file the
 * operator named must be there. One that everybody may read is refused.
 */
export function loadKeyRing(path: string, mode: 'create' | 'must-exist'): KeyRing {
  if (!existsSync(path)) {
    if (mode === 'must-exist') {
      throw unavailable(`The key file ${path} is not there.`, { code: 'key-file' });
    }
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeKeyFile(path, [masterKey(randomBytes(KEY_BYTES))]);
  }
  if ((statSync(path).mode & 0o007) !== 0) {
    throw unavailable(`Everybody may read the key file ${path}: run chmod 600 on it.`, {
      code: 'key-file',
    });
  }
  return parseKeyFile(readFileSync(path, 'utf8'), path);
}

function boundTo(id: string, purpose: string): string {
  return `${id}\0${purpose}`;
}

function openKey(ring: KeyRing, row: { id: string; key_id: string; wrapped_key: Buffer }): Buffer {
  const master = ring.find((key) => key.id === row.key_id);
  if (master === undefined) {
    throw unavailable(
      'A stored secret was sealed with a key that the key file does not hold: restore that file.',
      { code: 'key-missing', context: { keyId: row.key_id } },
    );
  }
  return unseal(master.bytes, row.wrapped_key, row.id);
}

/**
 * Secrets at rest, sealed in envelopes: each under a key of its own, that key under the operator's.
 * Id and purpose are bound in, so a row moved to another place does not open.
 */
export function createSecretStore(ring: KeyRing, ids: Ids): SecretStore {
  const current = ring[0];
  if (current === undefined) throw invalid('There is no key to seal secrets with.');
  return {
    put: async (connection, purpose, value) => {
      const plain = Buffer.from(value, 'utf8');
      if (plain.length > SECRET_BYTES_MAX) throw invalid('A secret may have at most 1 MiB.');
      const id = ids.next();
      const key = randomBytes(KEY_BYTES);
      await tables<SecretTables>(connection)
        .insertInto('platform.secret')
        .values({
          id,
          purpose,
          key_id: current.id,
          wrapped_key: seal(current.bytes, key, id),
          sealed: seal(key, plain, boundTo(id, purpose)),
        })
        .execute();
      return id;
    },
    get: async (connection, id) => {
      const row = await tables<SecretTables>(connection)
        .selectFrom('platform.secret')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) throw notFound('The stored secret is gone.');
      return unseal(openKey(ring, row), row.sealed, boundTo(id, row.purpose)).toString('utf8');
    },
    remove: async (connection, id) => {
      await tables<SecretTables>(connection)
        .deleteFrom('platform.secret')
        .where('id', '=', id)
        .execute();
    },
  };
}

/** Ids of the keys that stored secrets need. */
export async function listKeysInUse(client: Pick<ClientBase, 'query'>): Promise<string[]> {
  const { rows } = await client.query<{ key_id: string }>(
    'select distinct key_id from platform.secret order by key_id limit 1000',
  );
  return rows.map((row) => row.key_id);
}

/** Those of them that the ring does not hold. */
export async function listMissingKeys(
  client: Pick<ClientBase, 'query'>,
  ring: KeyRing,
): Promise<string[]> {
  const inUse = await listKeysInUse(client);
  return inUse.filter((id) => !ring.some((key) => key.id === id));
}

async function rewrapBatch(database: Database, ring: KeyRing, current: MasterKey) {
  return await inTransaction(database, async (transaction) => {
    const db = tables<SecretTables>(transaction);
    const rows = await db
      .selectFrom('platform.secret')
      .select(['id', 'key_id', 'wrapped_key'])
      .where('key_id', '!=', current.id)
      .limit(REWRAP_BATCH)
      .forUpdate()
      .execute();
    for (const row of rows) {
      const wrapped = seal(current.bytes, openKey(ring, row), row.id);
      await db
        .updateTable('platform.secret')
        .set({ key_id: current.id, wrapped_key: wrapped })
        .where('id', '=', row.id)
        .execute();
    }
    return rows.length;
  });
}

/**
 * Makes a new key and seals every secret's own key with it. The old key leaves the file only when
 * no secret needs it any more, so a crash half way loses nothing. Answers the new ring.
 */
export async function rotateMasterKey(
  database: Database,
  path: string,
  ring: KeyRing,
): Promise<KeyRing> {
  const current = masterKey(randomBytes(KEY_BYTES));
  const both = [current, ...ring];
  writeKeyFile(path, both);
  while ((await rewrapBatch(database, both, current)) > 0);
  writeKeyFile(path, [current]);
  return [current];
}
