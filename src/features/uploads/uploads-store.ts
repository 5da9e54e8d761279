import { sql } from 'kysely';
import type { Connection } from '../../platform/database/database.ts';

type Db = Connection;

export type UploadKind = 'docker-archive' | 'oci-archive' | 'sbom';
export type UploadProblem = { subject: string; message: string };

export type UploadRow = {
  id: string;
  name: string;
  size_bytes: number;
  digest: Buffer;
  actor: string;
  about_image_id: string | null;
  kind: UploadKind | null;
  state: 'received' | 'reading' | 'done' | 'failed';
  message: string | null;
  image_ids: string[];
  problems: UploadProblem[];
  tries: number;
  received_at: Date;
  ended_at: Date | null;
  evidence_id: string | null;
};

export async function insertUpload(
  db: Db,
  upload: {
    id: string;
    name: string;
    sizeBytes: number;
    digest: Buffer;
    actor: string;
    aboutImageId: string | undefined;
    at: Date;
    evidenceId: string;
  },
): Promise<void> {
  await sql`
    insert into uploads.upload
      (id, name, size_bytes, digest, actor, about_image_id, state, received_at, evidence_id)
    values (${upload.id}, ${upload.name}, ${upload.sizeBytes}, ${upload.digest}, ${upload.actor},
            ${upload.aboutImageId ?? null}, 'received', ${upload.at},
            ${upload.evidenceId})`.execute(db);
}

export async function findUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  const found = await sql<UploadRow>`
    select * from uploads.upload where id = ${id}::uuid`.execute(db);
  return found.rows[0];
}

/** Takes an upload to be read; undefined when it was read already. */
export async function takeUpload(db: Db, id: string): Promise<UploadRow | undefined> {
  const taken = await sql<UploadRow>`
    update uploads.upload set state = 'reading', tries = tries + 1
    where id = ${id}::uuid and state in ('received', 'reading') returning *`.execute(db);
  return taken.rows[0];
}

export async function endUpload(
  db: Db,
  upload: {
    id: string;
    kind: UploadKind | undefined;
    state: 'done' | 'failed';
    message: string;
    imageIds: readonly string[];
    problems: readonly UploadProblem[];
    at: Date;
    evidenceId: string;
  },
): Promise<void> {
  await sql`
    update uploads.upload set state = ${upload.state}, kind = ${upload.kind ?? null},
      message = ${upload.message}, image_ids = ${[...upload.imageIds]}::uuid[],
      problems = ${JSON.stringify(upload.problems)}::jsonb, ended_at = ${upload.at},
      evidence_id = ${upload.evidenceId}
    where id = ${upload.id}::uuid`.execute(db);
}

export async function listUploadRows(
  db: Db,
  page: { after: readonly [string, string] | undefined; limit: number },
): Promise<UploadRow[]> {
  const { after } = page;
  const beyond =
    after === undefined
      ? sql`true`
      : sql`(received_at, id) < (${after[0]}::timestamptz, ${after[1]}::uuid)`;
  const found = await sql<UploadRow>`
    select * from uploads.upload where ${beyond}
    order by received_at desc, id desc limit ${page.limit}`.execute(db);
  return found.rows;
}

/** What waits or was being read, the oldest first. */
export async function listOpenUploads(db: Db): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from uploads.upload where state in ('received', 'reading')
    order by received_at limit 10000`.execute(db);
  return found.rows.map((row) => row.id);
}
