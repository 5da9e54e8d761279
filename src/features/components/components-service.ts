import { z } from 'zod';
import { parsePurl } from '../../formats/purl.ts';
import { compareVersions } from '../../matching/version-order.ts';
import { readVersionRange, satisfiesVersionRange } from '../../matching/version-range.ts';
import { notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor, type Page } from '../../model/page.ts';
import { type Actor, authorize } from '../../model/roles.ts';
import type { Database } from '../../platform/database/database.ts';
import * as store from './component-store.ts';
import type { ComponentContainer, ComponentRow } from './components-contract.ts';

export type ComponentsContext = { readonly database: Database };

/** A version range is judged row by row; a page stops looking after this many. */
const CANDIDATES_MAX = 20_000;
const CANDIDATES_AT_ONCE = 1000;

export type Search = {
  q?: string | undefined;
  type?: string | undefined;
  version?: string | undefined;
  running?: boolean | undefined;
  cursor?: string | undefined;
  limit: number;
};

export async function searchComponents(context: ComponentsContext, actor: Actor, search: Search) {
  authorize(actor, 'component.read');
  const db = context.database.kysely;
  const filter = filterOf(search);
  const fits = versionTestOf(search);
  const { rows, next } = await pageOfCandidates(db, filter, fits, search);
  const isFirst = search.cursor === undefined;
  const [uses, types] = await Promise.all([
    store.countUses(
      db,
      rows.map((row) => row.number),
    ),
    isFirst ? store.countTypes(db, filter) : undefined,
  ]);
  return {
    items: rows.map((row) => describe(row, uses)),
    ...(next === undefined ? {} : { next }),
    ...(types === undefined ? {} : { types }),
  };
}

function purlOf(search: Search) {
  if (search.q?.startsWith('pkg:') !== true) return undefined;
  try {
    return parsePurl(search.q);
  } catch {
    return undefined;
  }
}

function versionOf(search: Search): string | undefined {
  const version = purlOf(search)?.version;
  return version === undefined || version === '' ? undefined : version;
}

function filterOf(search: Search): store.ComponentFilter {
  const { q, type, running } = search;
  const purl = purlOf(search);
  if (purl === undefined) return { name: q?.trim().toLowerCase() || undefined, type, running };
  return {
    exactName: purl.name.toLowerCase(),
    namespace: purl.namespace,
    type: purl.type,
    running,
  };
}

async function pageOfCandidates(
  db: Database['kysely'],
  filter: store.ComponentFilter,
  fits: VersionTest | undefined,
  search: Search,
): Promise<{ rows: (store.ComponentRecord & { rank: number })[]; next?: string }> {
  const rows: (store.ComponentRecord & { rank: number })[] = [];
  let after = keyOf(search.cursor);
  let looked = 0;
  const step = fits === undefined ? search.limit + 1 : CANDIDATES_AT_ONCE;
  while (looked < CANDIDATES_MAX) {
    const candidates = await store.listComponentRecords(db, { filter, after, limit: step });
    looked += candidates.length;
    for (const row of candidates) {
      if (fits !== undefined && !fits(row)) continue;
      if (rows.length === search.limit) return { rows, next: cursorOf(rows.at(-1)) };
      rows.push(row);
    }
    const last = candidates.at(-1);
    if (last === undefined || candidates.length < step) return { rows };
    after = [last.rank, last.name.toLowerCase(), last.number];
  }
  const [rank, name, number] = after ?? [0, '', 0];
  return { rows, next: encodeCursor([rank, name, number]) };
}

type VersionTest = (row: store.ComponentRecord) => boolean;

/**
 * The range asked for, or the one version that the package URL names. What cannot be ordered is
 * shown only when it is the very version asked for.
 */
function versionTestOf(search: Search): VersionTest | undefined {
  if (search.version !== undefined && search.version.trim() !== '') {
    const range = readVersionRange(search.version);
    return (row) => satisfiesVersionRange(row.type, row.version, range) === true;
  }
  const exact = versionOf(search);
  if (exact === undefined) return undefined;
  return (row) => row.version === exact || compareVersions(row.type, row.version, exact) === 0;
}

function keyOf(cursor: string | undefined): store.ComponentKey | undefined {
  const [rank, name, number] = decodeCursor(cursor) ?? [];
  return typeof rank === 'number' && typeof name === 'string' && typeof number === 'number'
    ? [rank, name, number]
    : undefined;
}

function cursorOf(row: (store.ComponentRecord & { rank: number }) | undefined): string {
  return encodeCursor([row?.rank ?? 0, row?.name.toLowerCase() ?? '', row?.number ?? 0]);
}

function describe(row: store.ComponentRecord, uses: readonly store.UseCount[]): ComponentRow {
  const use = uses.find((one) => one.component_number === row.number);
  return {
    id: row.id,
    purl: row.purl,
    type: row.type,
    ...(row.namespace === null ? {} : { namespace: row.namespace }),
    name: row.name,
    version: row.version,
    images: use?.images ?? 0,
    runningContainers: use?.running ?? 0,
    firstSeenAt: row.first_seen_at.toISOString(),
  };
}

async function existing(context: ComponentsContext, id: string): Promise<store.ComponentRecord> {
  const row = z.guid().safeParse(id).success
    ? await store.findComponent(context.database.kysely, id)
    : undefined;
  if (row === undefined) throw notFound('There is no such component.');
  return row;
}

export async function getComponent(context: ComponentsContext, actor: Actor, id: string) {
  authorize(actor, 'component.read');
  const db = context.database.kysely;
  const row = await existing(context, id);
  const others = await store.listOtherVersions(db, row);
  const uses = await store.countUses(db, [row.number, ...others.map((other) => other.number)]);
  return {
    ...describe(row, uses),
    licences: row.licences,
    ...(row.source_name === null
      ? {}
      : { source: { name: row.source_name, version: row.source_version ?? '' } }),
    otherVersions: others.map((other) => describe(other, uses)),
  };
}

type PageOf = { id: string; cursor?: string | undefined; limit: number };

export async function listComponentImages(context: ComponentsContext, actor: Actor, page: PageOf) {
  authorize(actor, 'component.read');
  const db = context.database.kysely;
  const row = await existing(context, page.id);
  const [running, number] = decodeCursor(page.cursor) ?? [];
  const after =
    typeof running === 'number' && typeof number === 'number'
      ? ([running, number] as const)
      : undefined;
  const limit = page.limit + 1;
  const found = await store.listImageUses(db, { componentNumber: row.number, after, limit });
  const [uses] = await store.countUses(db, [row.number]);
  const items = found.slice(0, page.limit).map((use) => ({
    imageId: use.image_id,
    imageName: use.name,
    digest: use.digest ?? '',
    runningContainers: use.running,
  }));
  const last = found[page.limit - 1];
  const total = uses?.images ?? 0;
  if (found.length <= page.limit || last === undefined) return { items, total };
  return { items, total, next: encodeCursor([-last.running, last.image_number]) };
}

export async function listComponentContainers(
  context: ComponentsContext,
  actor: Actor,
  page: PageOf,
): Promise<Page<ComponentContainer>> {
  authorize(actor, 'component.read');
  const db = context.database.kysely;
  const row = await existing(context, page.id);
  const [name, id] = decodeCursor(page.cursor) ?? [];
  const after =
    typeof name === 'string' && typeof id === 'string' ? ([name, id] as const) : undefined;
  const limit = page.limit + 1;
  const found = await store.listContainerUses(db, { componentNumber: row.number, after, limit });
  const items = found.slice(0, page.limit).map((use) => ({
    id: use.id,
    name: use.name,
    host: use.host,
    state: use.state,
    imageId: use.image_id,
    imageName: use.image_name,
    ...(use.owner === null ? {} : { owner: use.owner }),
  }));
  const total = await store.countContainerUses(db, row.number);
  const last = items.at(-1);
  if (found.length <= page.limit || last === undefined) return { items, total };
  return { items, total, next: encodeCursor([last.name.toLowerCase(), last.id]) };
}
