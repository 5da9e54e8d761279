import { z } from 'zod';
import { notFound } from '../../model/errors.ts';
import { decodeCursor, encodeCursor } from '../../model/page.ts';
import { type Actor, authorize } from '../../model/roles.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import { countByType } from '../components/components.ts';
import * as store from './container-store.ts';
import { describeContainer, describePassport } from './describe-container.ts';
import { listHostRecords } from './image-store.ts';
import { searchThings } from './overview-store.ts';

export type InventoryContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly version: string;
  /** When this user was here before, for "since you were here". */
  readonly previousVisitOf: (actor: Actor) => Promise<Date | undefined>;
  /** Puts an image in line to be read again. */
  readonly requestCatalogue: (imageId: string) => Promise<void>;
};

const OTHER_RUNS_MAX = 10;
const HISTORY_MAX = 100;

type Page = { cursor?: string | undefined; limit: number };

/** A keyset cursor of two texts: the sort key and the id. */
export function pairOf(cursor: string | undefined): readonly [string, string] | undefined {
  const [key, id] = decodeCursor(cursor) ?? [];
  return typeof key === 'string' && typeof id === 'string' && isId(id) ? [key, id] : undefined;
}

export function isId(text: string): boolean {
  return z.guid().safeParse(text).success;
}

export async function listContainers(
  context: InventoryContext,
  actor: Actor,
  query: Omit<store.ContainerFilter, 'at'> &
    Page & { at?: string | undefined; sort: store.ContainerSort },
) {
  authorize(actor, 'inventory.read');
  const db = context.database.kysely;
  const { at, ...rest } = query;
  const filter = { ...rest, ...(at === undefined ? {} : { at: new Date(at) }) };
  const { sort, limit } = query;
  const [rows, counts, silent] = await Promise.all([
    store.listContainerRecords(db, { filter, sort, after: pairOf(query.cursor), limit: limit + 1 }),
    store.countContainers(db),
    store.listSilentConnections(db),
  ]);
  const now = context.clock.now();
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((row) => describeContainer(row, now)),
    ...(rows.length > limit && last !== undefined
      ? { next: encodeCursor([last.sort_key, last.id]) }
      : {}),
    counts,
    silent,
  };
}

async function existing(context: InventoryContext, id: string): Promise<store.ContainerDetail> {
  const row = isId(id) ? await store.findContainer(context.database.kysely, id) : undefined;
  if (row === undefined) throw notFound('There is no such container.');
  return row;
}

export async function getContainer(context: InventoryContext, actor: Actor, id: string) {
  authorize(actor, 'inventory.read');
  const db = context.database.kysely;
  const row = await existing(context, id);
  const number = row.catalogued_at === null ? null : row.image_number;
  const [byType, otherRuns] = await Promise.all([
    number === null ? undefined : countByType(db, number),
    store.listRunsOfWorkload(db, {
      workloadId: row.workload_id,
      exceptId: row.id,
      limit: OTHER_RUNS_MAX,
    }),
  ]);
  const contents = byType === undefined ? undefined : { byType };
  return describePassport(row, { now: context.clock.now(), contents, otherRuns });
}

export async function listContainerEvents(
  context: InventoryContext,
  actor: Actor,
  page: Page & { id: string },
) {
  authorize(actor, 'inventory.read');
  const row = await existing(context, page.id);
  const limit = page.limit + 1;
  const rows = await store.listEventRows(context.database.kysely, {
    containerId: row.id,
    after: pairOf(page.cursor),
    limit,
  });
  const items = rows.slice(0, page.limit).map((event) => ({
    id: event.id,
    at: event.at.toISOString(),
    kind: event.action,
    ...(event.detail === null ? {} : { detail: event.detail }),
    by: 'seen' as const,
  }));
  const last = items.at(-1);
  if (rows.length <= page.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.at, last.id]) };
}

export async function listContainerHistory(context: InventoryContext, actor: Actor, id: string) {
  authorize(actor, 'inventory.read');
  const row = await existing(context, id);
  const stretches = await store.listFactHistory(context.database.kysely, row.id, HISTORY_MAX);
  return {
    items: stretches.map((stretch, index) => ({
      from: stretch.from_at.toISOString(),
      ...(stretch.to_at === null ? {} : { to: stretch.to_at.toISOString() }),
      facts: stretch.facts,
      changed: changedFacts(stretches[index + 1]?.facts, stretch.facts),
    })),
  };
}

function changedFacts(
  before: Readonly<Record<string, unknown>> | undefined,
  after: Readonly<Record<string, unknown>>,
): string[] {
  if (before === undefined) return [];
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .sort();
}

export async function listHosts(
  context: InventoryContext,
  actor: Actor,
  query: Page & { connection?: string | undefined },
) {
  authorize(actor, 'inventory.read');
  const rows = await listHostRecords(context.database.kysely, {
    connection: query.connection,
    after: pairOf(query.cursor),
    limit: query.limit + 1,
  });
  const items = rows.slice(0, query.limit).map((row) => ({
    id: row.id,
    name: row.name,
    engine: row.engine,
    connectionId: row.connection_id,
    ...(row.environment === null ? {} : { environment: row.environment }),
    containersRunning: row.running,
    firstSeenAt: row.first_seen_at.toISOString(),
    ...(row.gone_at === null ? {} : { goneAt: row.gone_at.toISOString() }),
    facts: row.facts,
  }));
  const last = items.at(-1);
  if (rows.length <= query.limit || last === undefined) return { items };
  return { items, next: encodeCursor([last.name.toLowerCase(), last.id]) };
}

const linkOf = {
  container: (id: string) => `/containers/${id}`,
  image: (id: string) => `/images/${id}`,
  component: (id: string) => `/components/${id}`,
  host: (id: string) => `/containers?host=${id}`,
  connection: (id: string) => `/connections/${id}`,
} as const;

export async function search(context: InventoryContext, actor: Actor, query: { q: string }) {
  authorize(actor, 'inventory.read');
  const found = await searchThings(context.database.kysely, query.q.trim());
  return {
    items: found.map((row) => {
      const kind = row.kind as keyof typeof linkOf;
      return { ...row, kind, link: linkOf[kind](row.id) };
    }),
  };
}
