import type { EstateConnection, EstateReading } from '../src/features/sample/sample-estate.ts';
import type {
  ContainerObservation,
  HostObservation,
  ImageObservation,
  Observation,
  ThingKind,
} from '../src/model/observation.ts';
import { BERTH_LABEL } from './sample-acts.ts';

export type Recorded = {
  readonly at: Date;
  readonly observations: readonly Observation[];
  readonly complete: readonly ThingKind[];
};

/** The invented hosts. Nothing of the machine that recorded is kept but the engine's version. */
export const berths: readonly EstateConnection[] = ['wharf-01', 'wharf-02', 'slipway-ci'].map(
  (key) => ({
    key,
    name: `Sample: Docker on ${key}`,
    address: `tcp://${key}.harbour.example:2376`,
  }),
);

const GIB = 1024 ** 3;
const machines: Readonly<Record<string, { key: string; processors: number; gib: number }>> = {
  'wharf-01': { key: '5a3b1f60-0000-4000-8000-000000000001', processors: 8, gib: 32 },
  'wharf-02': { key: '5a3b1f60-0000-4000-8000-000000000002', processors: 16, gib: 64 },
  'slipway-ci': { key: '5a3b1f60-0000-4000-8000-000000000003', processors: 4, gib: 16 },
};

function hostOf(berth: string, seen: HostObservation): HostObservation {
  const machine = machines[berth];
  if (machine === undefined) throw new Error(`No machine for ${berth}.`);
  const { key, processors, gib } = machine;
  const facts = {
    operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
    osType: 'linux',
    architecture: 'x86_64',
    kernel: '6.1.0-28-amd64',
    processors,
    memoryBytes: gib * GIB,
    storageDriver: 'overlay2',
    cgroupVersion: '2',
  };
  return { kind: 'host', key, name: berth, engine: seen.engine, facts };
}

/** One engine's recording as that of several: each container belongs to the berth of its label. */
export function splitByBerth(recorded: readonly Recorded[]): EstateReading[] {
  const berthOf = new Map<string, string>();
  const host = recorded.flatMap((one) => one.observations).find((one) => one.kind === 'host');
  if (host === undefined) throw new Error('The engine said nothing of itself.');
  const readings: EstateReading[] = [];
  for (const { at, observations, complete } of recorded) {
    for (const one of observations) {
      const berth = one.kind === 'container' ? one.facts?.labels[BERTH_LABEL] : undefined;
      if (one.kind === 'container' && berth !== undefined) berthOf.set(one.key, berth);
    }
    for (const { key: berth } of berths) {
      const own = observationsOf(berth, observations, { berthOf, host });
      if (own.length > 1 || complete.length > 0) {
        readings.push({ connection: berth, at: at.toISOString(), observations: own, complete });
      }
    }
  }
  return readings;
}

function observationsOf(
  berth: string,
  observations: readonly Observation[],
  known: { berthOf: ReadonlyMap<string, string>; host: HostObservation },
): Observation[] {
  const host = hostOf(berth, known.host);
  const hostKey = host.key;
  const containers = observations.filter(
    (one): one is ContainerObservation =>
      one.kind === 'container' && known.berthOf.get(one.key) === berth,
  );
  const used = new Set(containers.flatMap((one) => one.imageKey ?? []));
  const images = observations.filter(
    (one): one is ImageObservation => one.kind === 'image' && used.has(one.key),
  );
  const tags = observations.filter((one) => one.kind === 'tag' && used.has(one.digest));
  const events = observations.filter(
    (one) => one.kind === 'event' && known.berthOf.get(one.containerKey ?? '') === berth,
  );
  return [
    host,
    ...images.map((one) => ({ ...one, where: hostKey })),
    ...tags.map((one) => ({ ...one, where: hostKey })),
    ...containers.map((one) => asStarted(withoutBerth({ ...one, hostKey }))),
    ...events.map((one) => ({ ...one, hostKey })),
  ];
}

/**
 * Where the recording machine let no container start with more rights, one that was made with them
 * is told as started when it was made: what its inspection says of its rights is real.
 */
function asStarted(container: ContainerObservation): ContainerObservation {
  const hasRights =
    container.privileged === true || (container.facts?.capabilitiesAdded.length ?? 0) > 0;
  if (!hasRights || container.state !== 'created') return container;
  const { createdAt: startedAt } = container;
  return { ...container, state: 'running', ...(startedAt === undefined ? {} : { startedAt }) };
}

function withoutBerth(container: ContainerObservation): ContainerObservation {
  if (container.facts === undefined) return container;
  const { [BERTH_LABEL]: _berth, ...labels } = container.facts.labels;
  return { ...container, facts: { ...container.facts, labels, networks: ['bridge'] } };
}

const TIME_NAMES: ReadonlySet<string> = new Set([
  'at',
  'created',
  'createdAt',
  'startedAt',
  'endedAt',
]);
const DAY_MS = 86_400_000;

/**
 * Times as milliseconds before the moment of loading: what happened during an act happened on its
 * day, as long after its beginning as it really did.
 */
export function moveTimes(
  estate: unknown,
  times: { begun: readonly Date[]; daysAgo: readonly number[] },
): unknown {
  const move = (text: string): number => {
    const at = Date.parse(text);
    const after = times.begun.findLastIndex((begun) => begun.getTime() <= at);
    const act = Math.max(0, after);
    const since = at - (times.begun[act]?.getTime() ?? at);
    return Math.round(since - (times.daysAgo[act] ?? 0) * DAY_MS);
  };
  const walk = (name: string, value: unknown): unknown => {
    if (typeof value === 'string' && TIME_NAMES.has(name)) return move(value);
    if (Array.isArray(value)) return value.map((part) => walk('', part));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, walk(key, part)]));
  };
  return walk('', estate);
}
