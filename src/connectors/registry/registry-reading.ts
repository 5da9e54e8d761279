import type { Descriptor } from '../../formats/oci.ts';
import { Failure } from '../../model/errors.ts';
import { mapBounded } from '../../model/map-bounded.ts';
import type {
  ImageObservation,
  Observation,
  ReadProblem,
  TagObservation,
  ThingKind,
} from '../../model/observation.ts';
import type { ReadOutcome, ReadSink } from '../connector.ts';
import { type Choice, type ChosenTags, choiceOf } from './registry-choice.ts';
import type { RegistryClient } from './registry-client.ts';
import { tagName } from './registry-image.ts';
import { Referrers } from './registry-referrers.ts';
import { type Lead, leftOutKinds, nothingLeftOut, readLead } from './registry-repository.ts';
import type { RegistrySettings } from './registry-settings.ts';

const REPOSITORIES_AT_ONCE = 2;
const TAGS_AT_ONCE = 4;
/** A registry that fails so often is down: the whole reading fails, and nothing is marked gone. */
const UNAVAILABLE_MAX = 5;
const PROBLEMS_MAX = 1000;

/** Reads the chosen repositories, tags and platforms; what is left out shows as counted parts. */
export async function readRegistry(
  client: RegistryClient,
  settings: RegistrySettings,
  sink: ReadSink,
): Promise<ReadOutcome> {
  const choice = choiceOf(settings);
  const chosen = await choice.repositories(client);
  const reading = new Reading(client, choice, sink);
  for (const problem of chosen.problems) reading.note(problem);
  let done = 0;
  sink.progress('repositories', 0, chosen.names.length);
  await mapBounded(chosen.names, REPOSITORIES_AT_ONCE, async (repository) => {
    await reading.readRepository(repository);
    done += 1;
    sink.progress('repositories', done, chosen.names.length);
  });
  reading.sayLeftOut(chosen.leftOut);
  return reading.outcome(chosen.problems.length === 0);
}

class Reading {
  readonly #client: RegistryClient;
  readonly #choice: Choice;
  readonly #sink: ReadSink;
  readonly #referrers: Referrers;
  readonly #problems: ReadProblem[] = [];
  readonly #leftOut = { ...nothingLeftOut(), tags: 0, 'signature tags': 0 };
  #tagsDone = 0;
  #unavailable = 0;
  #isWhole = true;
  #repositoriesAreWhole = true;

  constructor(client: RegistryClient, choice: Choice, sink: ReadSink) {
    this.#client = client;
    this.#choice = choice;
    this.#sink = sink;
    this.#referrers = new Referrers(client);
  }

  note(problem: ReadProblem): void {
    this.#isWhole = false;
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(problem);
  }

  async readRepository(repository: string): Promise<void> {
    const seen = this.#problems.length;
    const tags = await this.#orNote(repository, () => this.#choice.tags(this.#client, repository));
    if (tags === undefined) {
      // Gone is a fact; anything else leaves open whether it is there.
      if (this.#problems.length > seen) this.#repositoriesAreWhole = false;
      return;
    }
    this.#leftOut.tags += tags.leftOut;
    this.#leftOut['signature tags'] += tags.referrerTags.size;
    const leads = new Map<string, Promise<Lead>>();
    const pointers = await mapBounded(tags.names, TAGS_AT_ONCE, async (tag) => {
      const name = tagName(this.#client, repository, tag);
      const pointer = await this.#orNote(name, () => this.#readTag({ repository, tag, leads }));
      this.#tagsDone += 1;
      this.#sink.progress('tags', this.#tagsDone);
      return pointer === undefined ? [] : [{ ...pointer, name }];
    });
    const found = pointers.flat();
    const images = await this.#imagesOf(repository, tags, found);
    const named = tagName(this.#client, repository, 'x').slice(0, -':x'.length);
    const observed: Observation[] = [
      { kind: 'repository', key: repository, name: named },
      ...images,
      ...found.map(
        ({ name, digest }): TagObservation => ({ kind: 'tag', where: repository, name, digest }),
      ),
    ];
    await this.#sink.observe(observed);
  }

  /** Where a tag points, asked with HEAD, which registries that count calls do not count. */
  async #readTag(at: { repository: string; tag: string; leads: Map<string, Promise<Lead>> }) {
    const { repository, tag, leads } = at;
    const client = this.#client;
    const asked = await client.digestOf(repository, tag);
    const found = asked === undefined ? await client.manifest(repository, tag) : undefined;
    const digest = found?.digest ?? asked ?? '';
    let lead = leads.get(digest);
    if (lead === undefined) {
      const place = { repository, choice: this.#choice };
      const read = async () => found ?? client.manifest(repository, digest);
      lead = read().then((manifest) => readLead(client, place, manifest));
      leads.set(digest, lead);
      const { leftOut } = await lead;
      for (const kind of leftOutKinds) this.#leftOut[kind] += leftOut[kind];
    }
    return { digest, lead: await lead };
  }

  async #imagesOf(
    repository: string,
    tags: ChosenTags,
    found: readonly { name: string; lead: Lead }[],
  ): Promise<ImageObservation[]> {
    const images = new Map<string, { facts: Lead['images'][number]['facts'] } & Gathered>();
    for (const { name, lead } of found) {
      for (const { digest, facts } of lead.images) {
        const image = images.get(digest) ?? { facts, tags: new Set(), indexes: new Set() };
        image.tags.add(name);
        for (const index of lead.indexDigests) image.indexes.add(index);
        images.set(digest, image);
      }
    }
    return mapBounded([...images], TAGS_AT_ONCE, async ([digest, image]) => {
      const indexDigests = [...image.indexes];
      const subjects = [digest, ...indexDigests];
      const referrers = await this.#orNote(`referrers of ${repository}@${digest}`, () =>
        this.#referrers.of(repository, subjects, tags.referrerTags),
      );
      return {
        kind: 'image',
        key: digest,
        manifestDigests: [digest],
        indexDigests,
        where: repository,
        tags: [...image.tags].sort(),
        ...image.facts,
        ...(referrers === undefined ? {} : { referrers: referrers.map(referrerOf) }),
      };
    });
  }

  /** One broken thing is named and the others count; what is gone meanwhile is no problem. */
  async #orNote<T>(subject: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.kind === 'not-found') return undefined;
      // Neither heals by asking for the next thing, and a host that is busy is left alone.
      if (error.kind === 'unauthenticated' || error.code === 'busy') throw error;
      if (error.kind === 'unavailable') this.#unavailable += 1;
      if (this.#unavailable > UNAVAILABLE_MAX) throw error;
      this.note({ subject, message: error.message });
      return undefined;
    }
  }

  sayLeftOut(repositories: number): void {
    const all = Object.entries({ repositories, ...this.#leftOut });
    for (const [name, count] of all) {
      if (count > 0) this.#sink.progress(`left out: ${name}`, count, count);
    }
  }

  outcome(listIsWhole: boolean): ReadOutcome {
    const complete: ThingKind[] = [];
    if (listIsWhole && this.#repositoriesAreWhole) complete.push('repository');
    if (this.#isWhole) complete.push('image', 'tag');
    return { complete, problems: this.#problems };
  }
}

type Gathered = { readonly tags: Set<string>; readonly indexes: Set<string> };

function referrerOf({ digest, artifactType, mediaType }: Descriptor) {
  return { digest, artifactType: artifactType ?? mediaType };
}
