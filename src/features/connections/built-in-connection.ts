import { sql } from 'kysely';
import type { Ids } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/database/database.ts';
import * as store from './connections-store.ts';

/** The kind of the one connection that no connector reads: what people hand in. */
export const UPLOAD_KIND = 'upload';

const NAMES_TRIED_MAX = 20;
const NEVER_SECONDS = 10 * 365 * 86_400;

export type UploadConnection = { readonly id: string };

/**
 * The built-in connection that files are handed in at, made when first used. Its last good reading
 * is the upload that uses it now; until commit nobody else records at it.
 */
export async function useUploadConnection(
  trx: Transaction,
  use: { at: Date; ids: Ids },
): Promise<UploadConnection> {
  await store.lockConnection(trx, 'upload');
  const id = (await findUploadConnection(trx)) ?? (await makeUploadConnection(trx, use));
  await sql`
    update connections.connection set last_good_at = ${use.at} where id = ${id}::uuid`.execute(trx);
  return { id };
}

async function findUploadConnection(trx: Transaction): Promise<string | undefined> {
  const found = await sql<{ id: string }>`
    select id from connections.connection
    where kind = ${UPLOAD_KIND} and removed_at is null limit 1`.execute(trx);
  return found.rows[0]?.id;
}

async function makeUploadConnection(
  trx: Transaction,
  use: { at: Date; ids: Ids },
): Promise<string> {
  const id = use.ids.next();
  for (let number = 1; number <= NAMES_TRIED_MAX; number += 1) {
    const added = await store.insertConnection(trx, {
      id,
      kind: UPLOAD_KIND,
      // Somebody may have called a connection of theirs so.
      name: number === 1 ? 'Uploads' : `Uploads ${number}`,
      settings: {},
      secretId: null,
      everySeconds: NEVER_SECONDS,
      follows: false,
      sample: false,
      at: new Date(use.at.getTime() + NEVER_SECONDS * 1000),
    });
    if (added) break;
  }
  await sql`
    update connections.connection set created_at = ${use.at} where id = ${id}::uuid`.execute(trx);
  return id;
}
