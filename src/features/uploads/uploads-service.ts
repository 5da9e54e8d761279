import { Readable } from 'node:stream';
import { z } from 'zod';
import { invalid, notFound, tooMany } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import { type Actor, actorId, authorize } from '../../model/roles.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import { type Database, inTransaction } from '../../platform/database/database.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import { findImagesById } from '../inventory/inventory.ts';
import type { UploadFiles } from './upload-files.ts';
import type { Upload } from './uploads-contract.ts';
import * as store from './uploads-store.ts';

export type UploadsContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly files: UploadFiles;
  /** Files that are arriving now. */
  readonly arriving: Set<string>;
  /** Told after the commit: the file is here, whole. */
  readonly onReceived: (id: string) => void;
};

const ARRIVING_MAX = 8;

/** Takes a file. On return it is on the disk, its row and its proof are committed. */
export async function receiveUpload(
  context: UploadsContext,
  actor: Actor,
  given: {
    name: string;
    image?: string | undefined;
    body: unknown;
    length: string | undefined;
  },
): Promise<Upload> {
  authorize(actor, 'scan.upload');
  const { body } = given;
  if (!(body instanceof Readable)) {
    throw invalid('Send the bytes of the file as application/octet-stream.');
  }
  if (context.arriving.size >= ARRIVING_MAX) {
    throw tooMany(`${ARRIVING_MAX} files are arriving already: try again when one is here.`);
  }
  const id = context.ids.next();
  context.arriving.add(id);
  try {
    await receive(context, actor, { ...given, body, id });
  } finally {
    context.arriving.delete(id);
  }
  context.onReceived(id);
  return getUpload(context, actor, id);
}

async function receive(
  context: UploadsContext,
  actor: Actor,
  given: {
    id: string;
    name: string;
    image?: string | undefined;
    body: Readable;
    length: string | undefined;
  },
): Promise<void> {
  const { id, name, length } = given;
  const expected = /^\d{1,15}$/.test(length ?? '') ? Number(length) : undefined;
  const { sizeBytes, digest } = await context.files.receive(id, given.body, expected);
  try {
    await inTransaction(context.database, async (trx) => {
      const at = context.clock.now();
      const evidenceId = await appendEvidence(trx, {
        kind: 'upload.received',
        actor: actorId(actor),
        subjects: [`upload:${id}`],
        at,
        body: { digest: `sha256:${digest.toString('hex')}`, bytes: sizeBytes },
      });
      const about = { aboutImageId: given.image, actor: actorId(actor) };
      await store.insertUpload(trx, { id, name, sizeBytes, digest, ...about, at, evidenceId });
    });
  } catch (error) {
    await context.files.remove(id);
    throw error;
  }
}

export async function getUpload(
  context: UploadsContext,
  actor: Actor,
  id: string,
): Promise<Upload> {
  authorize(actor, 'inventory.read');
  const row = z.guid().safeParse(id).success
    ? await store.findUpload(context.database.kysely, id)
    : undefined;
  if (row === undefined) throw notFound('There is no such upload.');
  const [described] = await describeAll(context, [row]);
  return described as Upload;
}

export async function listUploads(
  context: UploadsContext,
  actor: Actor,
  page: { cursor?: string | undefined; limit: number },
): Promise<Page<Upload>> {
  authorize(actor, 'inventory.read');
  const [at, id] = decodeCursor(page.cursor) ?? [];
  const after =
    z.iso.datetime().safeParse(at).success && z.guid().safeParse(id).success
      ? ([String(at), String(id)] as const)
      : undefined;
  const limit = page.limit + 1;
  const rows = await store.listUploadRows(context.database.kysely, { after, limit });
  const items = await describeAll(context, rows.slice(0, page.limit));
  const last = items.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.receivedAt, last.id]) };
}

async function describeAll(
  context: UploadsContext,
  rows: readonly store.UploadRow[],
): Promise<Upload[]> {
  const wanted = [...new Set(rows.flatMap((row) => row.image_ids))];
  const images = wanted.length === 0 ? [] : await findImagesById(context.database.kysely, wanted);
  const byId = new Map(images.map((image) => [image.id, image]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    ...(row.kind === null ? {} : { kind: row.kind }),
    state: row.state,
    ...(row.message === null ? {} : { message: row.message }),
    sizeBytes: row.size_bytes,
    digest: `sha256:${row.digest.toString('hex')}`,
    images: row.image_ids.flatMap((imageId) => {
      const image = byId.get(imageId);
      return image === undefined ? [] : [{ id: image.id, name: image.name }];
    }),
    problems: row.problems,
    receivedAt: row.received_at.toISOString(),
    ...(row.ended_at === null ? {} : { endedAt: row.ended_at.toISOString() }),
    ...(row.evidence_id === null ? {} : { evidenceId: row.evidence_id }),
  }));
}
