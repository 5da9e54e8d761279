import { createHash } from 'node:crypto';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { sql } from 'kysely';
import type { CataloguedComponent, ScannedImage } from '../../model/catalogue.ts';
import type { Ids } from '../../platform/clock.ts';
import type { Connection, Transaction } from '../../platform/database/database.ts';

/** A catalogue of 20,000 components is some 20 MB of JSON before it is compressed. */
const CATALOGUE_BYTES_MAX = 512 * 1024 * 1024;

export type StoredCatalogue = {
  /** `sha256:…` of the catalogue's JSON. */
  readonly digest: string;
  readonly components: number;
};

/** Keeps what was read in an image, and which components that makes its own. */
export async function storeCatalogue(
  trx: Transaction,
  image: { number: number; scanned: ScannedImage; at: Date; ids: Ids },
): Promise<StoredCatalogue> {
  const json = Buffer.from(JSON.stringify(image.scanned));
  const digest = createHash('sha256').update(json).digest();
  await sql`
    insert into components.catalogue (image_number, digest, body, read_at)
    values (${image.number}, ${digest}, ${zstdCompressSync(json)}, ${image.at})
    on conflict (image_number) do update
      set digest = excluded.digest, body = excluded.body, read_at = excluded.read_at`.execute(trx);
  const { components } = image.scanned.catalogue;
  const numbers = await componentNumbers(trx, components, image);
  await sql`
    delete from components.image_component
    where image_number = ${image.number}
      and component_number <> all(${numbers}::integer[])`.execute(trx);
  await sql`
    insert into components.image_component (image_number, component_number)
    select ${image.number}::integer, n from unnest(${numbers}::integer[]) n
    on conflict do nothing`.execute(trx);
  return { digest: `sha256:${digest.toString('hex')}`, components: numbers.length };
}

/** In purl order, so that two images recorded side by side never wait for each other in a ring. */
async function componentNumbers(
  trx: Transaction,
  components: readonly CataloguedComponent[],
  around: { at: Date; ids: Ids },
): Promise<number[]> {
  const numbers: number[] = [];
  const sorted = [...components].sort((one, other) => (one.purl < other.purl ? -1 : 1));
  for (let start = 0; start < sorted.length; start += 2000) {
    const rows = sorted.slice(start, start + 2000).map((component) => ({
      id: around.ids.next(),
      purl: component.purl,
      sha: createHash('sha256').update(component.purl).digest('hex'),
      type: component.type,
      namespace: component.namespace ?? null,
      name: component.name,
      version: component.version,
      licences: component.licences ?? [],
      source_name: component.source?.name ?? null,
      source_version: component.source?.version ?? null,
    }));
    const given = JSON.stringify(rows);
    await sql`
      insert into components.component (id, purl, purl_sha256, type, namespace, name, version,
        licences, source_name, source_version, first_seen_at)
      select g.id, g.purl, decode(g.sha, 'hex'), g.type, g.namespace, g.name, g.version,
             array(select jsonb_array_elements_text(g.licences)), g.source_name, g.source_version,
             ${around.at}::timestamptz
      from jsonb_to_recordset(${given}::jsonb) as g(id uuid, purl text, sha text, type text,
        namespace text, name text, version text, licences jsonb, source_name text,
        source_version text)
      on conflict (purl_sha256) do nothing`.execute(trx);
    const found = await sql<{ number: number }>`
      select number from components.component
      where purl_sha256 = any(
        select decode(s, 'hex') from unnest(${rows.map((row) => row.sha)}::text[]) s)`.execute(trx);
    numbers.push(...found.rows.map((row) => row.number));
  }
  return numbers;
}

/** The catalogue as it was read, or undefined when the image was not catalogued. */
export async function findCatalogue(
  db: Connection,
  imageNumber: number,
): Promise<ScannedImage | undefined> {
  const found = await sql<{ body: Buffer }>`
    select body from components.catalogue where image_number = ${imageNumber}`.execute(db);
  const body = found.rows[0]?.body;
  if (body === undefined) return undefined;
  const json = zstdDecompressSync(body, { maxOutputLength: CATALOGUE_BYTES_MAX });
  return JSON.parse(json.toString('utf8')) as ScannedImage;
}

export async function countByType(
  db: Connection,
  imageNumber: number,
): Promise<{ type: string; count: number }[]> {
  const found = await sql<{ type: string; count: number }>`
    select c.type, count(*)::integer as count
    from components.image_component e
    join components.component c on c.number = e.component_number
    where e.image_number = ${imageNumber} group by c.type order by count desc, c.type`.execute(db);
  return found.rows;
}

/** Ids of components by purl, for links from an image's catalogue to the component's page. */
export async function componentIds(
  db: Connection,
  purls: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const digests = purls.map((purl) => createHash('sha256').update(purl).digest('hex'));
  const found = await sql<{ id: string; purl: string }>`
    select id, purl from components.component
    where purl_sha256 = any(select decode(s, 'hex') from unnest(${digests}::text[]) s)`.execute(db);
  return new Map(found.rows.map((row) => [row.purl, row.id]));
}
