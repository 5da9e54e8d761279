import { type Actor, authorize } from '../../model/roles.ts';
import { span } from './describe-container.ts';
import type { Overview } from './inventory-contract.ts';
import type { InventoryContext } from './inventory-service.ts';
import * as store from './overview-store.ts';

const TREND_DAYS = 30;
const DAY_MS = 86_400_000;

const ADOPTION_DEFINITION =
  'Workloads seen running by any connection; a container or a pod’s container counts as one.';

/** What needs a person today, and the estate in numbers. Every number has a list behind it. */
export async function getOverview(context: InventoryContext, actor: Actor): Promise<Overview> {
  authorize(actor, 'inventory.read');
  const db = context.database.kysely;
  const now = context.clock.now();
  const previous = await context.previousVisitOf(actor);
  const sinceAt = previous ?? new Date(now.getTime() - DAY_MS);
  const [numbers, days, freshness, since] = await Promise.all([
    store.readNumbers(db),
    store.listDays(db, TREND_DAYS),
    store.listFreshness(db),
    store.readSince(db, sinceAt),
  ]);
  return {
    needs: needsOf(numbers, freshness, now),
    completeness: completenessOf(freshness, numbers, now),
    runningContainers: trendOf(numbers.running, days, 'running'),
    unowned: trendOf(numbers.unowned, days, 'unowned'),
    notCatalogued: trendOf(numbers.not_catalogued, days, 'not_catalogued'),
    images: numbers.images,
    components: Math.max(0, numbers.components),
    freshness: freshnessOf(freshness, now),
    since: {
      at: sinceAt.toISOString(),
      newImages: since.images,
      containersStarted: since.started,
      containersEnded: since.ended,
      newComponents: since.components,
    },
    activity: days.map(({ day, started, ended }) => ({ day, started, ended })),
    adoption: {
      workloads: numbers.workloads,
      containers: numbers.container_workloads,
      definition: ADOPTION_DEFINITION,
    },
  };
}

const count = (value: number, one: string, many: string): string =>
  `${value.toLocaleString('en')} ${value === 1 ? one : many}`;

function needsOf(
  numbers: store.EstateNumbers,
  freshness: readonly store.FreshnessRow[],
  now: Date,
): Overview['needs'] {
  const needs: Overview['needs'] = [];
  for (const row of freshness.filter((one) => one.stopped_at !== null).slice(0, 5)) {
    const silent = row.stopped_at === null ? '' : span(now.getTime() - row.stopped_at.getTime());
    needs.push({
      verb: 'Reconnect',
      title: `${row.name} is silent for ${silent}`,
      detail: row.stopped_reason ?? 'It does not answer.',
      link: `/connections/${row.connection_id}`,
      tone: 'critical',
    });
  }
  if (numbers.unowned > 0) {
    const verb = numbers.unowned === 1 ? 'has' : 'have';
    needs.push({
      verb: 'Hand over',
      title: `${count(numbers.unowned, 'running container', 'running containers')} ${verb} nobody who owns them`,
      detail: 'A rule over labels, image paths or names gives them an owner.',
      link: '/containers?owner=none',
      tone: 'high',
    });
  }
  if (numbers.privileged > 0) {
    const verb = numbers.privileged === 1 ? 'runs' : 'run';
    needs.push({
      verb: 'Look at',
      title: `${count(numbers.privileged, 'container', 'containers')} ${verb} privileged`,
      detail: 'A privileged container can take over its host.',
      link: '/containers?privileged=true',
      tone: 'high',
    });
  }
  if (numbers.failed_images > 0) {
    needs.push({
      verb: 'Look at',
      title: `${count(numbers.failed_images, 'image', 'images')} could not be catalogued`,
      detail: 'What is in them cannot be told until they are read.',
      link: '/images?catalogue=failed',
      tone: 'unknown',
    });
  }
  return needs;
}

function completenessOf(
  freshness: readonly store.FreshnessRow[],
  numbers: store.EstateNumbers,
  now: Date,
): string {
  if (freshness.length === 0) return 'Nothing is connected yet.';
  const silent = freshness.filter((row) => row.stale);
  const unread = numbers.not_catalogued;
  const parts: string[] = [];
  for (const row of silent.slice(0, 2)) {
    const ago =
      row.seen_at === null
        ? 'never read'
        : `as of ${span(now.getTime() - row.seen_at.getTime())} ago`;
    parts.push(
      `${row.name} is silent: ${count(row.containers, 'container is', 'containers are')} ${ago}.`,
    );
  }
  if (silent.length > 2) parts.push(`${silent.length - 2} more connections are silent.`);
  if (unread > 0) {
    parts.push(
      `What is in ${count(unread, 'running container', 'running containers')} is not known yet.`,
    );
  }
  if (parts.length > 0) return parts.join(' ');
  const all =
    freshness.length === 1 ? 'The one connection is' : `All ${freshness.length} connections are`;
  return `${all} read, and the image of every running container is catalogued.`;
}

function trendOf(
  value: number,
  days: readonly store.DayRow[],
  key: 'running' | 'unowned' | 'not_catalogued',
): Overview['runningContainers'] {
  const points = days.map((day) => ({ at: `${day.day}T00:00:00.000Z`, value: day[key] }));
  const weekAgo = days.at(-8);
  return { value, points, ...(weekAgo === undefined ? {} : { change: value - weekAgo[key] }) };
}

const titles: Readonly<Record<string, string>> = { docker: 'Docker hosts', registry: 'Registries' };

function freshnessOf(rows: readonly store.FreshnessRow[], now: Date): Overview['freshness'] {
  return [...Map.groupBy(rows, (row) => row.kind)].map(([kind, all]) => {
    const fresh = all.filter((row) => !row.stale && row.seen_at !== null);
    const stopped = all.find((row) => row.stopped_at !== null);
    const oldest = fresh
      .map((row) => row.seen_at)
      .sort((one, other) => (one?.getTime() ?? 0) - (other?.getTime() ?? 0))[0];
    const read = oldest ? `read ${span(now.getTime() - oldest.getTime())} ago` : 'not read yet';
    return {
      kind,
      title: all.length === 1 ? (all[0]?.name ?? kind) : (titles[kind] ?? kind),
      fresh: fresh.length,
      total: all.length,
      detail:
        stopped === undefined ? read : `${stopped.name}: ${stopped.stopped_reason ?? 'silent'}`,
      state: stopped !== undefined ? 'stopped' : fresh.length < all.length ? 'partial' : 'fresh',
    };
  });
}
