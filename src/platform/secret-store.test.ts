import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { testDatabase } from '../../test/harness/database.ts';
import { createIds } from './clock.ts';
import {
  createSecretStore,
  listMissingKeys,
  loadKeyRing,
  masterKey,
  rotateMasterKey,
} from './secret-store.ts';

const database = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'secret-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function keyFile(name: string): string {
  return join(folder, name, 'secret.key');
}

describe('a stored secret', () => {
  const ring = loadKeyRing(keyFile('one'), 'create');
  const store = createSecretStore(ring, createIds());

  it('comes back as it was, and is nowhere in the database in the clear', async () => {
    const id = await store.put(database.kysely, 'registry password', 'correct horse ⚓');

    const { rows } = await database.pool.query('select * from platform.secret');

    expect(await store.get(database.kysely, id)).toBe('correct horse ⚓');
    expect(
      JSON.stringify(rows.map((r) => Buffer.concat([r.sealed, r.wrapped_key]).toString('latin1'))),
    ).not.toContain('horse');
  });

  it('does not open in another row, nor when a bit of it changed', async () => {
    const one = await store.put(database.kysely, 'a', 'one');
    const two = await store.put(database.kysely, 'a', 'two');
    await database.pool.query(
      `update platform.secret set wrapped_key = o.wrapped_key, sealed = o.sealed
       from platform.secret o where o.id = $1 and platform.secret.id = $2`,
      [one, two],
    );

    await expect(store.get(database.kysely, two)).rejects.toThrow();
    await database.pool.query(
      `update platform.secret set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)
       where id = $1`,
      [one],
    );
    await expect(store.get(database.kysely, one)).rejects.toThrow();
  });

  it('is gone when removed', async () => {
    const id = await store.put(database.kysely, 'a', 'short-lived');

    await store.remove(database.kysely, id);

    await expect(store.get(database.kysely, id)).rejects.toThrow('The stored secret is gone.');
  });

  it('names the missing key when the key file is another one', async () => {
    const id = await store.put(database.kysely, 'a', 'locked');
    const other = [masterKey(Buffer.alloc(32, 7))];

    expect(await listMissingKeys(database.pool, other)).toEqual([ring[0]?.id]);
    await expect(createSecretStore(other, createIds()).get(database.kysely, id)).rejects.toThrow(
      'a key that the key file does not hold',
    );
  });
});

describe('rotation', () => {
  it('leaves every secret readable under the new key alone', async () => {
    const own = await testDatabase();
    const path = keyFile('rotated');
    const before = loadKeyRing(path, 'create');
    const ids = createIds();
    const id = await createSecretStore(before, ids).put(own.kysely, 'a', 'kept');

    await rotateMasterKey(own, path, before);

    const after = loadKeyRing(path, 'must-exist');
    expect(after.map((key) => key.id)).not.toEqual(before.map((key) => key.id));
    expect(await createSecretStore(after, ids).get(own.kysely, id)).toBe('kept');
    expect(await listMissingKeys(own.pool, after)).toEqual([]);
  });
});

describe('the key file', () => {
  it('is made readable by its owner alone', () => {
    loadKeyRing(keyFile('mode'), 'create');

    expect(statSync(keyFile('mode')).mode & 0o777).toBe(0o600);
  });

  it('is refused when everybody may read it, when it is absent though named, and when it holds no key', () => {
    writeFileSync(join(folder, 'open'), `${Buffer.alloc(32).toString('base64')}\n`, {
      mode: 0o644,
    });
    writeFileSync(join(folder, 'short'), 'aGVsbG8=\n', { mode: 0o600 });

    expect(() => loadKeyRing(join(folder, 'open'), 'must-exist')).toThrow('chmod 600');
    expect(() => loadKeyRing(join(folder, 'none'), 'must-exist')).toThrow('is not there');
    expect(() => loadKeyRing(join(folder, 'short'), 'must-exist')).toThrow('32 bytes');
  });
});
