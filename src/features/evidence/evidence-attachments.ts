import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { Attachment } from '../../formats/evidence-entry.ts';
import type { ExportAttachment } from '../../formats/evidence-export.ts';
import { invalid, notFound, tooLarge } from '../../model/errors.ts';
import type { Connection, Transaction } from '../../platform/database/database.ts';

const PART_BYTES = 256 * 1024;
const ATTACHMENT_BYTES_MAX = 64 * 1024 * 1024;
const PAGE = 500;

type NewAttachment = {
  readonly name: string;
  readonly mediaType: string;
  readonly content: Uint8Array;
  readonly at: Date;
};

/**
 * Keeps bulky evidence by its digest, in the caller's transaction; the same bytes are kept once.
 * Answers what an entry's `attachments` takes.
 */
export async function storeAttachment(
  transaction: Transaction,
  { name, mediaType, content, at }: NewAttachment,
): Promise<Attachment> {
  const size = content.length;
  if (size > ATTACHMENT_BYTES_MAX) throw tooLarge('A piece of evidence has at most 64 MiB.');
  const sha256 = hash('sha256', content, 'buffer');
  const inserted = await sql<{ size: number }>`
    insert into evidence.attachment (sha256, size, media_type, stored_at)
    values (${sha256}, ${size}, ${mediaType}, ${at})
    on conflict (sha256) do update set erased_at = null
      where evidence.attachment.erased_at is not null
    returning size`.execute(transaction);
  for (let part = 0; inserted.rows.length > 0 && part * PART_BYTES < size; part += 1) {
    const bytes = content.subarray(part * PART_BYTES, (part + 1) * PART_BYTES);
    await sql`
      insert into evidence.attachment_part (sha256, part, content)
      values (${sha256}, ${part}, ${Buffer.from(bytes)})`.execute(transaction);
  }
  return { name, mediaType, size, digest: `sha256:${sha256.toString('hex')}` };
}

/** Erases the bytes. The log still shows that there was something, of this digest. */
export async function eraseAttachment(
  transaction: Transaction,
  digest: string,
  at: Date,
): Promise<void> {
  const sha256 = parseDigest(digest);
  await sql`delete from evidence.attachment_part where sha256 = ${sha256}`.execute(transaction);
  await sql`
    update evidence.attachment set erased_at = ${at} where sha256 = ${sha256}`.execute(transaction);
}

export type StoredAttachment = ExportAttachment & { readonly mediaType: string };

type Row = { sha256: Buffer; size: number; media_type: string };

export async function getAttachment(
  connection: Connection,
  digest: string,
): Promise<StoredAttachment> {
  const result = await sql<Row>`
    select sha256, size, media_type from evidence.attachment
    where sha256 = ${parseDigest(digest)} and erased_at is null`.execute(connection);
  const row = result.rows[0];
  if (row === undefined) throw notFound('This evidence is not here; it may have been erased.');
  return toAttachment(connection, row);
}

/** Stored evidence that entries of a log below `size` name, by digest. */
export async function* listAttachments(
  connection: Connection,
  log: { readonly id: number; readonly size: number },
): AsyncGenerator<StoredAttachment> {
  for (let after: Buffer = Buffer.alloc(0); ; ) {
    const { rows } = await sql<Row>`
      select sha256, size, media_type from evidence.attachment a
      where sha256 > ${after} and erased_at is null and exists (
        select 1 from evidence.attachment_use u join evidence.batch b on b.id = u.batch_id
        where u.sha256 = a.sha256 and b.log_id = ${log.id} and b.first_index < ${log.size})
      order by sha256 limit ${PAGE}`.execute(connection);
    for (const row of rows) yield toAttachment(connection, row);
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.sha256;
  }
}

function toAttachment(connection: Connection, row: Row): StoredAttachment {
  const { sha256, size, media_type } = row;
  const content = readParts(connection, sha256, size);
  return { sha256: sha256.toString('hex'), size, mediaType: media_type, content };
}

async function* readParts(
  connection: Connection,
  sha256: Buffer,
  size: number,
): AsyncGenerator<Uint8Array> {
  for (let part = 0; part * PART_BYTES < size; part += 1) {
    const result = await sql<{ content: Buffer }>`
      select content from evidence.attachment_part
      where sha256 = ${sha256} and part = ${part}`.execute(connection);
    const row = result.rows[0];
    if (row === undefined) throw notFound('This evidence was erased while it was read.');
    yield row.content;
  }
}

function parseDigest(digest: string): Buffer {
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(digest) ?? [];
  if (hex === undefined) throw invalid('A digest is sha256: and 64 hex digits.');
  return Buffer.from(hex, 'hex');
}
