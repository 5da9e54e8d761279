import { Failure } from '../../model/errors.ts';
import { mapBounded } from '../../model/map-bounded.ts';
import type { Observation } from '../../model/observation.ts';
import type { ConnectorContext, FollowOptions } from '../connector.ts';
import type { DockerEngine } from './docker-engine.ts';
import { BriefContainers, type DockerEvent, observeEvent, readEvents } from './docker-events.ts';
import { observeContainer, observeHost, observeImage } from './docker-observations.ts';
import { ContainerInspect, ImageInspect, Info } from './docker-shapes.ts';

/** Events are taken together for this long, so that a burst costs few transactions. */
const BATCH_MS = 200;
const BATCH_EVENTS_MAX = 500;
/** A replay begins at once; so long without one, there is nothing to replay. */
const REPLAY_MS_MAX = 3_000;
/** The engine keeps its last 256 events for replay (daemon/events/events.go, eventsLimit). */
const ENGINE_REPLAY_EVENTS = 256;

/**
 * Follows the event stream. The replay from `since` shows whether anything was missed: when it does
 * not reach back to the last event seen, the time between is a gap that nobody observed.
 */
export async function followEvents(
  engine: DockerEngine,
  context: ConnectorContext,
  options: FollowOptions,
): Promise<void> {
  const info = await engine.get('/info', Info);
  const host = observeHost(info);
  // One second earlier than the last event: the engine compares in whole seconds here and there.
  const since = Math.max(0, options.since.getTime() / 1000 - 1).toFixed(3);
  const stream = await engine.stream(`/events?since=${since}`);
  const follower = new Follower(engine, host.key, { ...options, now: context.clock.now() });
  options.onOpen();
  await options.onObserved([host]);
  await follower.follow(stream, context.signal);
}

class Follower {
  readonly #engine: DockerEngine;
  readonly #hostKey: string;
  readonly #options: FollowOptions;
  readonly #brief = new BriefContainers();
  readonly #openedAt: Date;
  #gapChecked: boolean;

  constructor(engine: DockerEngine, hostKey: string, options: FollowOptions & { now: Date }) {
    this.#engine = engine;
    this.#hostKey = hostKey;
    this.#options = options;
    this.#openedAt = options.now;
    this.#gapChecked = options.lastEventKey === undefined;
  }

  async follow(stream: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const events = readEvents(stream, () => {})[Symbol.asyncIterator]();
    const advance = () => {
      const promise = events.next();
      // It may fail while a batch is being recorded: it is awaited all the same, one turn later.
      promise.catch(() => {});
      return promise;
    };
    let next = advance();
    if (!this.#gapChecked) {
      const replayed = await withinMs(next, REPLAY_MS_MAX);
      if (replayed === undefined) await this.#lookForGap([]);
    }
    while (!signal.aborted) {
      const first = await next;
      if (first.done) break;
      const batch = [first.value];
      next = advance();
      const until = Date.now() + BATCH_MS;
      while (batch.length < BATCH_EVENTS_MAX) {
        const more = await withinMs(next, until - Date.now());
        if (more === undefined || more.done) break;
        batch.push(more.value);
        next = advance();
      }
      await this.#take(batch);
    }
    if (!signal.aborted) {
      throw new Failure('unavailable', 'The engine closed its event stream.');
    }
  }

  async #take(batch: readonly DockerEvent[]): Promise<void> {
    await this.#lookForGap(batch);
    const observed: Observation[] = [];
    const containers = new Set<string>();
    const images = new Set<string>();
    for (const event of batch) {
      if (event.type === 'container') {
        this.#brief.note(event, this.#hostKey);
        containers.add(event.subjectId);
      }
      if (event.type === 'image') images.add(event.subjectId);
    }
    const things = await mapBounded([...containers], 8, (id) => this.#container(id));
    const imageIds = new Set(
      things.flatMap((thing) => (thing?.imageKey === undefined ? [] : [thing.imageKey])),
    );
    for (const id of images) imageIds.add(id);
    const seen = await mapBounded([...imageIds], 8, (id) => this.#image(id));
    // Images before the containers that name them, containers before their events.
    for (const image of seen) if (image !== undefined) observed.push(image);
    for (const thing of things) if (thing !== undefined) observed.push(thing);
    for (const event of batch) {
      const kept = observeEvent(event, this.#hostKey);
      if (kept !== undefined) observed.push(kept);
    }
    const last = batch.at(-1);
    if (last !== undefined) {
      await this.#options.onObserved(observed, { key: last.key, at: last.at });
    }
  }

  async #container(id: string) {
    try {
      const inspect = await this.#engine.get(`/containers/${id}/json`, ContainerInspect);
      this.#brief.forget(id);
      return observeContainer(inspect, this.#hostKey);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'not-found') return this.#brief.takeGone(id);
      throw error;
    }
  }

  async #image(id: string) {
    try {
      const path = `/images/${encodeURIComponent(id)}/json`;
      return observeImage(await this.#engine.get(path, ImageInspect), this.#hostKey);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  /**
   * The replay begins with the last event we know, or the engine has forgotten it. An engine that
   * was started again may have nothing to replay at all: then the silence tells the same.
   */
  async #lookForGap(batch: readonly DockerEvent[]): Promise<void> {
    if (this.#gapChecked) return;
    this.#gapChecked = true;
    const { lastEventKey, since, watchedUntil } = this.#options;
    if (batch.some((event) => event.key === lastEventKey)) return;
    const from = watchedUntil !== undefined && watchedUntil > since ? watchedUntil : since;
    const first = batch[0]?.at;
    const to = first !== undefined && first < this.#openedAt ? first : this.#openedAt;
    const reason =
      batch.length >= ENGINE_REPLAY_EVENTS
        ? `The engine keeps its last ${ENGINE_REPLAY_EVENTS} events; older ones were not seen.`
        : 'The engine forgot its events, as it does when it is started again.';
    if (from < to) await this.#options.onGap({ from, to, reason });
  }
}

async function withinMs<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  if (ms <= 0) return undefined;
  const { promise: late, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
