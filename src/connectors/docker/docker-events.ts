import type { ContainerObservation, Observation } from '../../model/observation.ts';
import { workloadOf } from './docker-observations.ts';
import { EngineEvent } from './docker-shapes.ts';

/** The engine sends one JSON object a line; a line over this is not an event. */
const EVENT_BYTES_MAX = 1024 * 1024;

export type DockerEvent = {
  /** The same event read twice has the same key. */
  readonly key: string;
  readonly at: Date;
  readonly type: string;
  readonly action: string;
  /** What stands behind the colon: `exec_create: sh -c …`. */
  readonly detail?: string;
  readonly subjectId: string;
  readonly attributes: Readonly<Record<string, string>>;
};

/** Splits the stream into events; what is not an event is passed over and counted. */
export async function* readEvents(
  stream: AsyncIterable<Uint8Array>,
  onBadLine: () => void,
): AsyncGenerator<DockerEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true });
    let end = rest.indexOf('\n');
    while (end >= 0) {
      const event = eventOf(rest.slice(0, end));
      if (event === undefined) onBadLine();
      else yield event;
      rest = rest.slice(end + 1);
      end = rest.indexOf('\n');
    }
    if (rest.length > EVENT_BYTES_MAX) {
      rest = '';
      onBadLine();
    }
  }
}

function eventOf(line: string): DockerEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const parsed = EngineEvent.safeParse(json);
  const subjectId = parsed.data?.Actor?.ID;
  if (!parsed.success || !subjectId || !parsed.data.Action) return undefined;
  const { Type, Action, Actor, time, timeNano } = parsed.data;
  const ms = timeNano ? timeNano / 1e6 : (time ?? 0) * 1000;
  const colon = Action.indexOf(':');
  const action = colon < 0 ? Action : Action.slice(0, colon);
  const detail =
    colon < 0
      ? undefined
      : Action.slice(colon + 1)
          .trim()
          .slice(0, 1000);
  // JSON.parse rounds nanoseconds to about 256; the key needs only to be the same each time.
  const key = `${timeNano ?? time}:${Type}:${Action.slice(0, 100)}:${subjectId.slice(0, 64)}`;
  return {
    key,
    at: new Date(ms),
    type: Type ?? 'container',
    action,
    ...(detail === undefined || detail === '' ? {} : { detail }),
    subjectId,
    attributes: Actor?.Attributes ?? {},
  };
}

/** Actions that leave no state behind, and so are kept as events of their own. */
const keptActions = new Set([
  'exec_create',
  'exec_start',
  'exec_die',
  'copy',
  'archive-path',
  'extract-to-dir',
  'commit',
  'export',
  'attach',
  'rename',
  'update',
  'oom',
  'kill',
  'create',
  'start',
  'die',
  'destroy',
  'pause',
  'unpause',
  'restart',
]);

export function observeEvent(event: DockerEvent, hostKey: string): Observation | undefined {
  if (event.type !== 'container' || !keptActions.has(event.action)) return undefined;
  const exitCode = event.action === 'die' ? event.attributes['exitCode'] : undefined;
  const detail = event.detail ?? (exitCode === undefined ? undefined : `exit code ${exitCode}`);
  return {
    kind: 'event',
    key: event.key,
    at: event.at.toISOString(),
    action: event.action,
    containerKey: event.subjectId,
    hostKey,
    ...(detail === undefined ? {} : { detail }),
  };
}

const notLabels = new Set(['image', 'name', 'exitCode', 'signal', 'execID', 'execDuration']);

/**
 * What the events alone say of a container that was gone before anyone could inspect it: half of
 * what runs for a second with --rm is only ever seen this way.
 */
export class BriefContainers {
  readonly #seen = new Map<string, ContainerObservation>();

  /** Bounded: the oldest is forgotten first. */
  static readonly LIMIT = 10_000;

  note(event: DockerEvent, hostKey: string): void {
    const { subjectId, attributes } = event;
    const known = this.#seen.get(subjectId) ?? unseen(event, hostKey);
    const at = event.at.toISOString();
    const exitCode = Number(attributes['exitCode']);
    const change: Partial<ContainerObservation> =
      event.action === 'create'
        ? { createdAt: at, state: 'created' }
        : event.action === 'start'
          ? { startedAt: at, state: 'running' }
          : event.action === 'die'
            ? { endedAt: at, state: 'exited', ...(Number.isInteger(exitCode) ? { exitCode } : {}) }
            : event.action === 'destroy'
              ? { state: 'removed' }
              : {};
    this.#seen.delete(subjectId);
    this.#seen.set(subjectId, { ...known, ...change });
    const oldest = this.#seen.keys().next().value;
    if (this.#seen.size > BriefContainers.LIMIT && oldest !== undefined) this.#seen.delete(oldest);
  }

  /** The container as its events told it, now known to be gone. */
  takeGone(containerId: string): ContainerObservation | undefined {
    const known = this.#seen.get(containerId);
    this.#seen.delete(containerId);
    return known === undefined ? undefined : { ...known, state: 'removed' };
  }

  forget(containerId: string): void {
    this.#seen.delete(containerId);
  }
}

function unseen(event: DockerEvent, hostKey: string): ContainerObservation {
  const { attributes, subjectId } = event;
  const labels = Object.fromEntries(
    Object.entries(attributes).filter(([name]) => !notLabels.has(name)),
  );
  const name = attributes['name'] ?? subjectId.slice(0, 12);
  return {
    kind: 'container',
    key: subjectId,
    hostKey,
    name,
    imageName: attributes['image'] ?? '',
    state: 'unknown',
    workload: workloadOf(name, labels),
  };
}
