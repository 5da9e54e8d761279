import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/database.ts';

const LAYER_BYTES_MAX = 512 * 1024 * 1024;
/** A layer that no image asked for in this long is forgotten; it can be read again. */
const UNUSED_DAYS_MAX = 90;

/** The server's layer cache: a layer catalogued once is never read again, across restarts. */
export function layerStore(database: Database) {
  return {
    get: async (key: string): Promise<ArrayBuffer | undefined> => {
      const found = await sql<{ body: Buffer }>`
        update components.layer set used_at = now()
        where key = ${key} returning body`.execute(database.kysely);
      const body = found.rows[0]?.body;
      if (body === undefined) return undefined;
      const plain = zstdDecompressSync(body, { maxOutputLength: LAYER_BYTES_MAX });
      const copy = new ArrayBuffer(plain.length);
      new Uint8Array(copy).set(plain);
      return copy;
    },
    put: async (key: string, record: ArrayBuffer): Promise<void> => {
      await sql`
        insert into components.layer (key, body, used_at)
        values (${key}, ${zstdCompressSync(new Uint8Array(record))}, now())
        on conflict (key) do update set body = excluded.body, used_at = now()`.execute(
        database.kysely,
      );
    },
    forgetUnused: async (): Promise<void> => {
      await sql`
        delete from components.layer
        where used_at < now() - ${UNUSED_DAYS_MAX} * interval '1 day'`.execute(database.kysely);
    },
  };
}
