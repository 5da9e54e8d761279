import { sql } from 'kysely';
import type { ImageObservation } from '../../model/observation.ts';
import type { RecordContext } from './record-context.ts';

type KnownPlace = { id: string; image_id: string; place: string; key: string };

/**
 * One page for one image, however it was met: an image is found by its config digest, else by a
 * manifest digest; every digest it goes by is kept. An index digest never identifies, because it
 * stands for several platforms.
 */
export async function recordImages(
  context: RecordContext,
  images: readonly ImageObservation[],
): Promise<void> {
  if (images.length === 0) return;
  await lockImages(context, images);
  const idByDigest = await knownImages(context, images);
  const places = await knownPlaces(context, images);
  for (const image of images) {
    const place = places.get(`${image.where} ${image.key}`);
    const digests = identifyingDigests(image);
    const found = digests.map((digest) => idByDigest.get(digest)).find((id) => id !== undefined);
    const old = found ?? place?.image_id;
    const fresh = old === undefined ? await insertImage(context, image) : undefined;
    const isNew = fresh?.inserted === true;
    const id = old ?? fresh?.id ?? '';
    context.seen.imagePlaces.add(`${image.where} ${image.key}`);
    if (!isNew) await enrichImage(context, id, image);
    await keepDigests(context, id, image);
    for (const digest of digests) idByDigest.set(digest, id);
    if (place === undefined || place.image_id !== id) {
      await movePlace(context, { id, image, old: place });
      context.note({ kind: 'image', id, change: isNew ? 'appeared' : 'changed' });
    }
  }
}

/**
 * Images are shared by all connections. Whoever is about to add one waits for whoever does so now,
 * then finds theirs: else two readings side by side make two pages of it, or wait in a ring.
 */
async function lockImages(context: RecordContext, images: readonly ImageObservation[]) {
  const known = await knownPlaces(context, images);
  if (images.every((image) => known.has(`${image.where} ${image.key}`))) return;
  await sql`select pg_advisory_xact_lock(7422, 0)`.execute(context.trx);
}

function identifyingDigests(image: ImageObservation): string[] {
  return image.configDigest !== undefined ? [image.configDigest] : [...image.manifestDigests];
}

async function knownImages(context: RecordContext, images: readonly ImageObservation[]) {
  const digests = [...new Set(images.flatMap(identifyingDigests))];
  const known = await sql<{ digest: string; image_id: string }>`
    select digest, image_id from inventory.image_digest
    where digest = any(${digests}) and kind in ('config', 'manifest')`.execute(context.trx);
  return new Map(known.rows.map((row) => [row.digest, row.image_id]));
}

async function knownPlaces(context: RecordContext, images: readonly ImageObservation[]) {
  const keys = images.map((image) => image.key);
  const known = await sql<KnownPlace>`
    select id, image_id, place, key from inventory.image_place
    where connection_id = ${context.connectionId} and key = any(${keys})
      and gone_at is null`.execute(context.trx);
  return new Map(known.rows.map((row) => [`${row.place} ${row.key}`, row]));
}

function nameOf(image: ImageObservation): string {
  return image.tags[0] ?? image.manifestDigests[0] ?? image.configDigest ?? image.key;
}

/** Another connection may be recording the same image right now: then theirs is ours too. */
async function insertImage(context: RecordContext, image: ImageObservation) {
  const id = context.ids.next();
  const added = await sql`
    insert into inventory.image
      (id, config_digest, name, platform, size_bytes, created_at, labels, diff_ids,
       first_seen_at, catalogue_due_at, sample)
    values (${id}, ${image.configDigest ?? null}, ${nameOf(image)}, ${image.platform ?? null},
            ${image.sizeBytes ?? 0}, ${image.createdAt ?? null}, ${JSON.stringify(image.labels)},
            ${[...image.diffIds]}, ${context.at}, ${context.at}, ${context.sample})
    on conflict (config_digest) do nothing`.execute(context.trx);
  if (added.numAffectedRows === 1n) return { id, inserted: true };
  const other = await sql<{ id: string }>`
    select id from inventory.image where config_digest = ${image.configDigest ?? null}`.execute(
    context.trx,
  );
  return { id: other.rows[0]?.id ?? id, inserted: false };
}

/**
 * A second source may know what the first did not: its config, a name instead of a digest. What the
 * sample brought becomes real when it is really seen, and is then read here.
 */
async function enrichImage(context: RecordContext, id: string, image: ImageObservation) {
  const named = image.tags.length > 0 ? nameOf(image) : null;
  await sql`
    update inventory.image set
      config_digest = coalesce(config_digest, ${image.configDigest ?? null}),
      platform = coalesce(platform, ${image.platform ?? null}),
      name = case when ${named}::text is not null and name like '%sha256:%'
             then ${named} else name end,
      sample = sample and ${context.sample},
      diff_ids = case when diff_ids = '{}' then ${[...image.diffIds]}::text[] else diff_ids end,
      catalogue_due_at = case when catalogue_state in ('waiting', 'unreachable')
                           or (sample and not ${context.sample})
                         then coalesce(catalogue_due_at, ${context.at}) else catalogue_due_at end
    where id = ${id} and (
      (config_digest is null and ${image.configDigest ?? null}::text is not null)
      or (platform is null and ${image.platform ?? null}::text is not null)
      or (${named}::text is not null and name like '%sha256:%')
      or (diff_ids = '{}' and cardinality(${[...image.diffIds]}::text[]) > 0)
      or (sample and not ${context.sample})
      or catalogue_state = 'unreachable')`.execute(context.trx);
}

async function keepDigests(context: RecordContext, id: string, image: ImageObservation) {
  const rows = [
    ...(image.configDigest === undefined ? [] : [{ digest: image.configDigest, kind: 'config' }]),
    ...image.manifestDigests.map((digest) => ({ digest, kind: 'manifest' })),
    ...image.indexDigests.map((digest) => ({ digest, kind: 'index' })),
  ];
  await sql`
    insert into inventory.image_digest (digest, image_id, kind)
    select g.digest, ${id}::uuid, g.kind
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as g(digest text, kind text)
    on conflict do nothing`.execute(context.trx);
}

async function movePlace(
  context: RecordContext,
  move: { id: string; image: ImageObservation; old: KnownPlace | undefined },
) {
  const { trx, connectionId, at } = context;
  if (move.old !== undefined) {
    await sql`
      update inventory.image_place set gone_at = ${at} where id = ${move.old.id}`.execute(trx);
  }
  await sql`
    insert into inventory.image_place
      (id, image_id, connection_id, place, key, first_seen_at)
    values (${context.ids.next()}, ${move.id}, ${connectionId}, ${move.image.where},
            ${move.image.key}, ${at})
    on conflict do nothing`.execute(trx);
}
