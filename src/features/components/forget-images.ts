import { sql } from 'kysely';
import type { Transaction } from '../../platform/database/database.ts';

/** Forgets what is in these images, and components that were in no other. */
export async function forgetImages(
  trx: Transaction,
  images: readonly { readonly id: string; readonly number: number }[],
): Promise<void> {
  const numbers = images.map((image) => image.number);
  const ids = images.map((image) => image.id);
  const edges = await sql<{ component_number: number }>`
    delete from components.image_component where image_number = any(${numbers}::integer[])
    returning component_number`.execute(trx);
  const held = [...new Set(edges.rows.map((row) => row.component_number))];
  await sql`
    delete from components.component c where c.number = any(${held}::integer[])
      and not exists (select from components.image_component e
                      where e.component_number = c.number)`.execute(trx);
  await sql`
    delete from components.catalogue where image_number = any(${numbers}::integer[])`.execute(trx);
  await sql`
    delete from components.stated_sbom where image_id = any(${ids}::uuid[])`.execute(trx);
}
