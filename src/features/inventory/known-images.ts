import { sql } from 'kysely';
import type { Ids } from '../../platform/clock.ts';
import type { Connection, Transaction } from '../../platform/database/database.ts';

export type KnownImage = { id: string; number: number; name: string; sample: boolean };

const FOUND_MAX = 200;

/**
 * Images that go by any of these digests. One of an index leads to the images of all its platforms.
 */
export async function findImagesByDigest(
  db: Connection,
  digests: readonly string[],
): Promise<KnownImage[]> {
  const found = await sql<KnownImage>`
    select distinct i.id, i.number, i.name, i.sample from inventory.image_digest d
    join inventory.image i on i.id = d.image_id
    where d.digest = any(${[...digests]}) order by i.number limit ${FOUND_MAX}`.execute(db);
  return found.rows;
}

export async function findImagesById(
  db: Connection,
  ids: readonly string[],
): Promise<KnownImage[]> {
  const found = await sql<KnownImage>`
    select id, number, name, sample from inventory.image
    where id = any(${[...ids]}::uuid[]) limit 1000`.execute(db);
  return found.rows;
}

/**
 * An image that nobody has seen and somebody speaks of. It is at no place and waits for none; the
 * first connection that sees one of its digests finds it here and has it catalogued.
 */
export async function noteStatedImage(
  trx: Transaction,
  image: { name: string; digests: readonly string[]; at: Date; ids: Ids },
): Promise<KnownImage> {
  const id = image.ids.next();
  const added = await sql<{ number: number }>`
    insert into inventory.image
      (id, name, first_seen_at, catalogue_state, catalogue_error)
    values (${id}, ${image.name}, ${image.at}, 'unreachable',
      'Nobody has seen this image; an SBOM speaks of it.') returning number`.execute(trx);
  // Which kind of digest it is, an SBOM does not say; a manifest's is what people name an image by.
  await sql`
    insert into inventory.image_digest (digest, image_id, kind)
    select d, ${id}::uuid, 'manifest' from unnest(${[...image.digests]}::text[]) d
    on conflict do nothing`.execute(trx);
  return { id, number: added.rows[0]?.number ?? 0, name: image.name, sample: false };
}
