import type { ContainerDetail, ContainerRecord } from './container-store.ts';
import type { ContainerRow, LifeStep, Passport, Seal } from './inventory-contract.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `8 days`, `2 h`, `5 min`, `12 s`. */
export function span(ms: number): string {
  if (ms < MINUTE_MS) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h`;
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day' : `${days.toLocaleString('en')} days`;
}

function statusOf(row: ContainerRecord, now: Date): string {
  const since = (at: Date | null) => (at === null ? '' : ` ${span(now.getTime() - at.getTime())}`);
  const code = row.exit_code === null ? '' : ` (${row.exit_code})`;
  switch (row.state) {
    case 'running':
      return `Up${since(row.started_at)}`;
    case 'paused':
      return 'Paused';
    case 'restarting':
      return 'Restarting';
    case 'created':
      return 'Created, not started';
    case 'exited':
    case 'dead':
      return row.ended_at === null ? `Exited${code}` : `Exited${code}${since(row.ended_at)} ago`;
    case 'removed':
      return row.ended_at === null ? 'Removed' : `Removed${code}${since(row.ended_at)} ago`;
    default:
      return 'State not known';
  }
}

const iso = (at: Date | null) => at?.toISOString();

export function describeContainer(row: ContainerRecord, now: Date): ContainerRow {
  const startedAt = iso(row.started_at);
  const endedAt = iso(row.ended_at);
  const goneAt = iso(row.gone_at);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    state: row.state,
    status: statusOf(row, now),
    hostId: row.host_id,
    hostName: row.host_name,
    ...(row.image_id === null ? {} : { imageId: row.image_id }),
    imageName: row.image_name,
    workloadId: row.workload_id,
    workloadName: row.workload_name,
    ...(row.environment === null ? {} : { environment: row.environment }),
    ...(row.owner_id === null || row.owner_kind === null
      ? {}
      : {
          owner: {
            kind: row.owner_kind,
            id: row.owner_id,
            name: row.owner_name ?? '',
            because: row.owner_because ?? '',
          },
        }),
    privileged: row.privileged ?? 'unknown',
    exposed: row.exposed ?? 'unknown',
    ...(row.component_count === null ? {} : { components: row.component_count }),
    ...(row.catalogue_state === null ? {} : { catalogue: row.catalogue_state }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    firstSeenAt: row.first_seen_at.toISOString(),
    ...(goneAt === undefined ? {} : { goneAt }),
    connectionId: row.connection_id,
    stale: row.stale,
    sample: row.sample,
  };
}

/** What a container holds was last seen when its connection was last read, or ended. */
export function sealOf(row: ContainerRecord): Seal {
  const seenAt = row.gone_at ?? row.seen_at ?? row.first_seen_at;
  return {
    seenAt: seenAt.toISOString(),
    connectionId: row.connection_id,
    connectionName: row.connection_name,
    stale: row.stale,
    ...(row.last_evidence_id === null ? {} : { evidenceId: row.last_evidence_id }),
    by: 'seen',
  };
}

export type Contents = {
  readonly byType: readonly { readonly type: string; readonly count: number }[];
};

export function describePassport(
  row: ContainerDetail,
  around: { now: Date; contents: Contents | undefined; otherRuns: readonly ContainerRecord[] },
): Passport {
  const { contents, now } = around;
  return {
    ...describeContainer(row, now),
    ...(row.facts === null ? {} : { facts: row.facts as NonNullable<Passport['facts']> }),
    ...(row.digest === null ? {} : { imageDigest: row.digest }),
    life: lifeOf(row, now),
    ...(contents === undefined || row.catalogued_at === null
      ? {}
      : { contains: containsOf(row, contents, row.catalogued_at) }),
    runs: { seal: sealOf(row) },
    gaps: gapsOf(row),
    otherRuns: around.otherRuns.map((run) => describeContainer(run, now)),
  };
}

function containsOf(row: ContainerDetail, contents: Contents, cataloguedAt: Date) {
  return {
    total: row.component_count ?? 0,
    byType: contents.byType.map((type) => ({ ...type })),
    layers: row.layer_count ?? 0,
    executables: row.executable_count ?? 0,
    unexplained: row.unexplained_count ?? 0,
    problems: row.problem_count ?? 0,
    seal: {
      seenAt: cataloguedAt.toISOString(),
      stale: false,
      by: 'seen' as const,
      ...(row.catalogue_evidence_id === null ? {} : { evidenceId: row.catalogue_evidence_id }),
    },
  };
}

function lifeOf(row: ContainerDetail, now: Date): LifeStep[] {
  const steps: LifeStep[] = [];
  const add = (step: Omit<LifeStep, 'at'>, at: Date | null) => {
    if (at !== null) steps.push({ ...step, at: at.toISOString() });
  };
  // A build time is what the image's author wrote; epoch zero is how reproducible builds say
  // nothing.
  const built = row.image_created_at;
  if (built !== null && built.getTime() > DAY_MS) {
    add({ kind: 'built', title: 'Built', detail: 'stated by the image', by: 'stated' }, built);
  }
  const count = row.component_count;
  const found = count === null ? undefined : `${count.toLocaleString('en')} components`;
  add(
    { kind: 'catalogued', title: 'Catalogued', by: 'seen', ...(found ? { detail: found } : {}) },
    row.catalogued_at,
  );
  add(
    { kind: 'created', title: 'Created', by: 'stated' },
    row.started_at === null ? row.created_at : null,
  );
  add({ kind: 'started', title: 'Started', detail: row.host_name, by: 'stated' }, row.started_at);
  const failed = row.exit_code !== null && row.exit_code !== 0;
  const code = row.exit_code === null ? {} : { detail: `exit code ${row.exit_code}` };
  const tone = failed ? ({ tone: 'warning' } as const) : {};
  add({ kind: 'ended', title: 'Ended', by: 'stated', ...code, ...tone }, row.ended_at);
  add({ kind: 'removed', title: 'Removed', by: 'seen' }, row.gone_at);
  steps.sort((one, other) => (one.at ?? '').localeCompare(other.at ?? ''));
  if (row.state === 'running' && row.gone_at === null) {
    steps.push({
      kind: 'now',
      title: 'Now',
      detail: statusOf(row, now).toLowerCase(),
      at: now.toISOString(),
      by: 'seen',
    });
  }
  return steps;
}

function gapsOf(row: ContainerDetail): string[] {
  const gaps: string[] = [];
  if (row.stale) {
    const why = row.stopped_reason ?? 'It is no longer read.';
    gaps.push(`${row.connection_name} is silent. ${why}`);
  }
  if (row.image_id === null) {
    gaps.push('Its image was not seen, so what is in it cannot be told.');
  } else if (row.catalogue_state === 'failed' || row.catalogue_state === 'unreachable') {
    gaps.push(`Its image could not be catalogued: ${row.catalogue_error ?? 'it cannot be read.'}`);
  } else if (row.catalogue_state === 'waiting' || row.catalogue_state === 'reading') {
    gaps.push('Its image is being catalogued.');
  } else if (row.catalogue_state === 'partial') {
    gaps.push(`${row.problem_count ?? 'Some'} places in its image could not be read.`);
  }
  if (row.facts === null) gaps.push('It was gone before it could be inspected.');
  return gaps;
}
