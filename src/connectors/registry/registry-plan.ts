import { type Descriptor, isIndexType } from '../../formats/oci.ts';
import { Failure } from '../../model/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { ConnectorTest } from '../connector.ts';
import { type Choice, choiceOf } from './registry-choice.ts';
import type { RegistryClient } from './registry-client.ts';
import { leftOutKinds, nothingLeftOut, sorted } from './registry-repository.ts';
import type { RegistrySettings } from './registry-settings.ts';

/** A person waits for the plan: what cannot be counted in this time is said to be uncounted. */
const COUNTING_MS_MAX = 10_000;

/**
 * What a first sync would read, and how many bytes cataloguing all of it would take: every layer
 * once. Layers that are known already make it less; that is not known here.
 */
export async function planRegistry(
  client: RegistryClient,
  settings: RegistrySettings,
  clock: Clock,
): Promise<ConnectorTest> {
  await client.ping();
  const choice = choiceOf(settings);
  const { names, leftOut, problems } = await choice.repositories(client);
  const count = new Count(client, choice);
  const until = clock.now().getTime() + COUNTING_MS_MAX;
  let uncounted = 0;
  for (const repository of names) {
    if (clock.now().getTime() >= until) uncounted += 1;
    else await count.repository(repository, () => clock.now().getTime() >= until);
  }
  const lines = [
    { name: 'repositories', count: names.length },
    { name: 'tags', count: count.tags },
    { name: 'images', count: count.images.size, bytes: count.bytes() },
    { name: 'left out: repositories', count: leftOut },
    { name: 'left out: tags', count: count.tagsLeftOut },
    { name: 'left out: signature tags', count: count.signatureTags },
    ...leftOutKinds.map((kind) => ({ name: `left out: ${kind}`, count: count.leftOut[kind] })),
    { name: 'refused or broken', count: count.refused + problems.length },
    { name: 'not counted in time: repositories', count: uncounted },
    { name: 'not counted in time: tags', count: count.tagsUncounted },
  ];
  const isShown = (line: { name: string; count: number }) =>
    line.count > 0 || !/:| /.test(line.name);
  return { found: `Container registry at ${client.place.host}`, plan: lines.filter(isShown) };
}

class Count {
  readonly #client: RegistryClient;
  readonly #choice: Choice;
  readonly #layers = new Map<string, number>();
  readonly #seen = new Set<string>();
  readonly images = new Set<string>();
  readonly leftOut = nothingLeftOut();
  tags = 0;
  tagsLeftOut = 0;
  signatureTags = 0;
  tagsUncounted = 0;
  refused = 0;

  constructor(client: RegistryClient, choice: Choice) {
    this.#client = client;
    this.#choice = choice;
  }

  bytes(): number {
    let sum = 0;
    for (const size of this.#layers.values()) sum += size;
    return sum;
  }

  async repository(repository: string, isLate: () => boolean): Promise<void> {
    await this.#orCount(async () => {
      const tags = await this.#choice.tags(this.#client, repository);
      this.tags += tags.names.length;
      this.tagsLeftOut += tags.leftOut;
      this.signatureTags += tags.referrerTags.size;
      for (const tag of tags.names) {
        if (isLate()) this.tagsUncounted += 1;
        else await this.#orCount(() => this.#manifest(repository, tag));
      }
    });
  }

  async #manifest(repository: string, reference: string): Promise<void> {
    const { digest, document } = await this.#client.manifest(repository, reference);
    const place = `${repository}@${digest}`;
    if (this.#seen.has(place)) return;
    this.#seen.add(place);
    if (document.kind === 'manifest') {
      this.images.add(place);
      for (const layer of document.layers) this.#layers.set(layer.digest, layer.size);
      return;
    }
    const read = (member: Descriptor) =>
      // An index in an index is counted as one image: the reading itself goes further.
      isIndexType(member.mediaType)
        ? Promise.resolve(void this.images.add(`${repository}@${member.digest}`))
        : this.#manifest(repository, member.digest);
    for (const member of sorted(document, this.#choice, this.leftOut)) await read(member);
  }

  async #orCount(read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === 'unauthenticated' || error.kind === 'unavailable') throw error;
      if (error.code === 'busy') throw error;
      if (error.kind !== 'not-found') this.refused += 1;
    }
  }
}
