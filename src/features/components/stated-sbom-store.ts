import { createHash } from 'node:crypto';
import { zstdCompressSync } from 'node:zlib';
import { sql } from 'kysely';
import type { Ids } from '../../platform/clock.ts';
import type { Connection, Transaction } from '../../platform/database/database.ts';

export type NewStatedSbom = {
  readonly imageId: string;
  readonly author: string;
  /** `CycloneDX 1.6`. */
  readonly format: string;
  readonly components: number;
  readonly bytes: Uint8Array;
  readonly at: Date;
  readonly ids: Ids;
  readonly evidenceId: string;
};

/**
 * Keeps what somebody says is in an image, as the bytes they gave. It never becomes part of the
 * catalogue. The same document about the same image is kept once, as of the last time it came.
 */
export async function storeStatedSbom(trx: Transaction, sbom: NewStatedSbom): Promise<void> {
  const digest = createHash('sha256').update(sbom.bytes).digest();
  await sql`
    delete from components.stated_sbom
    where image_id = ${sbom.imageId}::uuid and digest = ${digest}`.execute(trx);
  await sql`
    insert into components.stated_sbom
      (id, image_id, author, format, component_count, digest, body, at, evidence_id)
    values (${sbom.ids.next()}, ${sbom.imageId}, ${sbom.author}, ${sbom.format},
            ${sbom.components}, ${digest}, ${zstdCompressSync(sbom.bytes)}, ${sbom.at},
            ${sbom.evidenceId})`.execute(trx);
}

export type StatedSbomRow = {
  author: string;
  format: string;
  component_count: number;
  at: Date;
  evidence_id: string | null;
};

/** The newest first. */
export async function listStatedSboms(db: Connection, imageId: string): Promise<StatedSbomRow[]> {
  const found = await sql<StatedSbomRow>`
    select author, format, component_count, at, evidence_id from components.stated_sbom
    where image_id = ${imageId}::uuid order by at desc, id desc limit 100`.execute(db);
  return found.rows;
}
