import { randomUUID } from 'node:crypto';
import type { CataloguedComponent, ScannedImage } from '../../model/catalogue.ts';
import { conflict, notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor } from '../../model/page.ts';
import { type Actor, authorize } from '../../model/roles.ts';
import {
  componentIds,
  countByType,
  findCatalogue,
  listStatedSboms,
  type StatedSbomRow,
} from '../components/components.ts';
import * as store from './image-store.ts';
import type { ImagePage, ImageRow } from './inventory-contract.ts';
import { type InventoryContext, isId, pairOf } from './inventory-service.ts';
import { type SbomFormat, sbomOf } from './sbom-export.ts';

const DIFFERENCES_MAX = 2000;

export function describeImage(row: store.ImageRecord): ImageRow {
  return {
    id: row.id,
    name: row.name,
    tags: row.tags ?? [],
    digest: row.digest ?? '',
    platform: row.platform ?? '',
    sizeBytes: row.size_bytes,
    ...(row.created_at === null ? {} : { createdAt: row.created_at.toISOString() }),
    firstSeenAt: row.first_seen_at.toISOString(),
    catalogue: row.catalogue_state,
    ...(row.component_count === null ? {} : { components: row.component_count }),
    ...(row.unexplained_count === null ? {} : { unexplained: row.unexplained_count }),
    runningContainers: row.running,
    ...(row.os === null ? {} : { os: row.os }),
    sample: row.sample,
  };
}

export async function listImages(
  context: InventoryContext,
  actor: Actor,
  query: store.ImageFilter & {
    cursor?: string | undefined;
    limit: number;
    sort: store.ImageSort;
  },
) {
  authorize(actor, 'inventory.read');
  const db = context.database.kysely;
  const { sort, limit, ...filter } = query;
  const [rows, counts] = await Promise.all([
    store.listImageRecords(db, { filter, sort, after: pairOf(query.cursor), limit: limit + 1 }),
    store.countImages(db),
  ]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(describeImage),
    ...(rows.length > limit && last !== undefined
      ? { next: encodeCursor([last.sort_key, last.id]) }
      : {}),
    counts: { all: counts.all, running: counts.running, notCatalogued: counts.not_catalogued },
  };
}

async function existing(context: InventoryContext, id: string): Promise<store.ImageDetail> {
  const row = isId(id) ? await store.findImage(context.database.kysely, id) : undefined;
  if (row === undefined) throw notFound('There is no such image.');
  return row;
}

async function catalogueOf(context: InventoryContext, row: store.ImageRecord) {
  const scanned = await findCatalogue(context.database.kysely, row.number);
  if (scanned !== undefined) return scanned;
  throw conflict(`${row.name} has not been catalogued yet.`, { code: 'not-catalogued' });
}

export async function getImage(
  context: InventoryContext,
  actor: Actor,
  id: string,
): Promise<ImagePage> {
  authorize(actor, 'inventory.read');
  const db = context.database.kysely;
  const row = await existing(context, id);
  const lineage = { id: row.id, diffIds: row.diff_ids };
  const [digests, places, base, builtOn, shared, byType, scanned, stated] = await Promise.all([
    store.listDigests(db, row.id),
    store.listPlaces(db, row.id),
    store.findBase(db, lineage),
    store.listBuiltOn(db, lineage),
    store.countSharing(db, lineage),
    countByType(db, row.number),
    findCatalogue(db, row.number),
    listStatedSboms(db, row.id),
  ]);
  const ofKind = (kind: string) => digests.filter((one) => one.kind === kind).map((d) => d.digest);
  return {
    ...describeImage(row),
    manifestDigests: ofKind('manifest'),
    indexDigests: ofKind('index'),
    ...(row.config_digest === null ? {} : { configDigest: row.config_digest }),
    labels: row.labels,
    ...configOf(scanned),
    layers: layersOf(row, scanned, shared),
    byType,
    ...(base === undefined ? {} : { base }),
    builtOn: builtOn.map(({ id: imageId, name }) => ({ id: imageId, name })),
    problems: (scanned?.catalogue.problems ?? [])
      .slice(0, 500)
      .map(({ path, message }) => ({ path, message })),
    unexplainedPaths: [...(scanned?.catalogue.executables.unexplainedPaths ?? [])],
    stated: stated.map(describeStated),
    seenAt: places.map(describePlace),
    ...(row.catalogue_error === null ? {} : { catalogueError: row.catalogue_error }),
    seal: sealOf(row, places, stated[0]),
  };
}

function configOf(scanned: ScannedImage | undefined) {
  return {
    ...(scanned?.image.user === undefined ? {} : { user: scanned.image.user }),
    entrypoint: [...(scanned?.image.entrypoint ?? [])],
    command: [...(scanned?.image.command ?? [])],
    exposedPorts: [...(scanned?.image.exposedPorts ?? [])],
  };
}

function layersOf(
  row: store.ImageDetail,
  scanned: ScannedImage | undefined,
  shared: readonly number[],
): ImagePage['layers'] {
  const counts = new Map<number, number>();
  for (const component of scanned?.catalogue.components ?? []) {
    const layer = component.locations[0]?.layer ?? 0;
    counts.set(layer, (counts.get(layer) ?? 0) + 1);
  }
  const read = scanned?.catalogue.layers;
  const count = read?.length ?? row.diff_ids.length;
  return Array.from({ length: count }, (_, index) => {
    const layer = read?.[index];
    const diffId = layer?.diffId ?? row.diff_ids[index];
    return {
      index,
      ...(diffId === undefined ? {} : { diffId }),
      ...(layer?.digest === undefined ? {} : { digest: layer.digest }),
      sizeBytes: layer?.size ?? 0,
      ...(layer?.createdBy === undefined ? {} : { createdBy: layer.createdBy }),
      components: counts.get(index) ?? 0,
      sharedBy: shared[index] ?? 0,
    };
  });
}

function describePlace(place: store.PlaceRow): ImagePage['seenAt'][number] {
  return {
    connectionId: place.connection_id,
    connectionName: place.connection_name,
    where: place.place,
    firstSeenAt: place.first_seen_at.toISOString(),
    ...(place.gone_at === null ? {} : { goneAt: place.gone_at.toISOString() }),
  };
}

function describeStated(sbom: StatedSbomRow): ImagePage['stated'][number] {
  const { author, format, component_count: components, at } = sbom;
  return { author, format, components, at: at.toISOString() };
}

function sealOf(
  row: store.ImageRecord,
  places: readonly store.PlaceRow[],
  stated: StatedSbomRow | undefined,
): ImagePage['seal'] {
  if (places.length === 0 && row.catalogued_at === null && stated !== undefined) {
    const proof = stated.evidence_id === null ? {} : { evidenceId: stated.evidence_id };
    return { seenAt: stated.at.toISOString(), stale: false, ...proof, by: 'stated' };
  }
  const present = places.filter((place) => place.gone_at === null);
  const latest = (present.length > 0 ? present : places)
    .map((place) => place.gone_at ?? place.seen_at ?? place.first_seen_at)
    .sort((one, other) => other.getTime() - one.getTime())[0];
  const evidenceId = row.catalogue_evidence_id ?? places[0]?.last_evidence_id ?? null;
  return {
    seenAt: (row.catalogued_at ?? latest ?? row.first_seen_at).toISOString(),
    stale: present.length > 0 && present.every((place) => place.stale),
    ...(evidenceId === null ? {} : { evidenceId }),
    by: 'seen',
  };
}

type ComponentQuery = {
  id: string;
  q?: string | undefined;
  type?: string | undefined;
  layer?: number | undefined;
  declared?: boolean | undefined;
  cursor?: string | undefined;
  limit: number;
};

export async function listImageComponents(
  context: InventoryContext,
  actor: Actor,
  query: ComponentQuery,
) {
  authorize(actor, 'inventory.read');
  const row = await existing(context, query.id);
  const { catalogue } = await catalogueOf(context, row);
  const all = query.declared === true ? catalogue.declared : catalogue.components;
  const fitting = all.filter((component) => isWanted(component, query));
  const [offset] = decodeCursor(query.cursor) ?? [];
  const start = typeof offset === 'number' ? offset : 0;
  const shown = fitting.slice(start, start + query.limit);
  const ids = await componentIds(
    context.database.kysely,
    shown.map((component) => component.purl),
  );
  const next = start + query.limit;
  return {
    items: shown.map((component) => ({
      componentId: ids.get(component.purl) ?? '',
      purl: component.purl,
      type: component.type,
      name: nameOf(component),
      version: component.version,
      licences: [...(component.licences ?? [])],
      path: component.locations[0]?.path ?? '',
      paths: component.locations.length,
      layer: component.locations[0]?.layer ?? 0,
      cataloguer: component.locations[0]?.cataloguer ?? '',
      ...(component.ownedBy === undefined ? {} : { ownedBy: component.ownedBy }),
      declared: query.declared === true,
    })),
    total: fitting.length,
    ...(next < fitting.length ? { next: encodeCursor([next]) } : {}),
  };
}

function isWanted(component: CataloguedComponent, query: ComponentQuery): boolean {
  const { q, type, layer } = query;
  if (type !== undefined && component.type !== type) return false;
  if (layer !== undefined && component.locations[0]?.layer !== layer) return false;
  if (q === undefined || q === '') return true;
  const wanted = q.toLowerCase();
  return (
    component.purl.toLowerCase().includes(wanted) ||
    component.locations.some((location) => location.path.toLowerCase().includes(wanted))
  );
}

function nameOf(component: { namespace?: string; name: string; type: string }): string {
  const { namespace, name, type } = component;
  // A distribution's name stands in the namespace of its packages; it is no part of their names.
  if (namespace === undefined || ['deb', 'apk', 'rpm'].includes(type)) return name;
  return `${namespace}/${name}`;
}

export async function compareImages(
  context: InventoryContext,
  actor: Actor,
  query: { id: string; from: string },
) {
  authorize(actor, 'inventory.read');
  const [to, from] = await Promise.all([
    existing(context, query.id),
    existing(context, query.from),
  ]);
  const [after, before] = await Promise.all([catalogueOf(context, to), catalogueOf(context, from)]);
  const differences = differenceOf(before.catalogue.components, after.catalogue.components);
  const firstOther = to.diff_ids.findIndex((diffId, index) => diffId !== from.diff_ids[index]);
  const shown = <T>(list: readonly T[]) => list.slice(0, DIFFERENCES_MAX);
  return {
    from: describeImage(from),
    to: describeImage(to),
    sharedLayers: firstOther < 0 ? to.diff_ids.length : firstOther,
    added: shown(differences.added),
    removed: shown(differences.removed),
    changed: shown(differences.changed),
    truncated: Object.values(differences).some((list) => list.length > DIFFERENCES_MAX),
  };
}

type Named = { purl: string; name: string; version: string };

/** One version out and one in under the same name is a change; anything else comes or goes. */
export function differenceOf(
  before: readonly CataloguedComponent[],
  after: readonly CataloguedComponent[],
) {
  const old = new Set(before.map((component) => component.purl));
  const kept = new Set(after.map((component) => component.purl));
  const gone = Map.groupBy(
    before.filter((one) => !kept.has(one.purl)),
    lineOf,
  );
  const come = Map.groupBy(
    after.filter((one) => !old.has(one.purl)),
    lineOf,
  );
  const added: Named[] = [];
  const removed: Named[] = [];
  const changed: { name: string; type: string; from: string; to: string }[] = [];
  const named = (one: CataloguedComponent) => ({
    purl: one.purl,
    name: nameOf(one),
    version: one.version,
  });
  for (const [line, newer] of come) {
    const older = gone.get(line) ?? [];
    const [only, previous] = [newer[0], older[0]];
    if (newer.length === 1 && older.length === 1 && only !== undefined && previous !== undefined) {
      changed.push({
        name: nameOf(only),
        type: only.type,
        from: previous.version,
        to: only.version,
      });
      gone.delete(line);
    } else added.push(...newer.map(named));
  }
  for (const older of gone.values()) removed.push(...older.map(named));
  return { added, removed, changed };
}

function lineOf(component: CataloguedComponent): string {
  const arch = component.qualifiers?.['arch'] ?? '';
  return `${component.type} ${component.namespace ?? ''} ${component.name} ${arch}`;
}

export async function readImageSbom(
  context: InventoryContext,
  actor: Actor,
  query: { id: string; format: SbomFormat },
): Promise<{ fileName: string; json: string }> {
  authorize(actor, 'inventory.read');
  const row = await existing(context, query.id);
  const scanned = await catalogueOf(context, row);
  const stamp = {
    uuid: randomUUID(),
    created: context.clock.now().toISOString(),
    toolVersion: context.version,
  };
  const stem = row.name.replace(/[^\w.-]+/g, '_').slice(0, 100);
  const ending = query.format.startsWith('spdx') ? 'spdx.json' : 'cdx.json';
  return { fileName: `${stem}.${ending}`, json: sbomOf(scanned, query.format, stamp) };
}

export async function catalogueImageAgain(context: InventoryContext, actor: Actor, id: string) {
  authorize(actor, 'connection.sync');
  const row = await existing(context, id);
  if (!(await store.canBeReadAgain(context.database.kysely, row.id))) {
    throw conflict(`No connection sees ${row.name} now: hand its file in again to read it anew.`, {
      code: 'no-place',
    });
  }
  await context.requestCatalogue(row.id);
  return { queued: true };
}
