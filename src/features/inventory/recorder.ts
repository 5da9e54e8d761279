import type {
  ContainerObservation,
  EventObservation,
  HostObservation,
  ImageObservation,
  Observation,
  RepositoryObservation,
  TagObservation,
  ThingKind,
} from '../../model/observation.ts';
import { toStorable } from '../../model/storable-text.ts';
import type { Transaction } from '../../platform/database/database.ts';
import { recordContainers } from './record-containers.ts';
import type { Change, RecordContext } from './record-context.ts';
import { markGone } from './record-gone.ts';
import { recordImages } from './record-images.ts';
import { recordEvents, recordHosts, recordRepositories, recordTags } from './record-places.ts';

export type ChangeSet = {
  readonly appeared: number;
  readonly changed: number;
  readonly gone: number;
  /** One line a change, `appeared container ID`, in the order they were made: what is proven. */
  readonly lines: string;
  /** Images first seen or newly reachable: to be catalogued. */
  readonly imagesToCatalogue: readonly string[];
};

/**
 * Takes observations of one reading (a full sync, or a batch of events) into the inventory. Every
 * fact is kept as an interval; nothing is written for what did not change.
 */
export class Recorder {
  readonly #context: Omit<RecordContext, 'trx'>;
  readonly #lines: string[] = [];
  readonly #counts = { appeared: 0, changed: 0, gone: 0 };
  readonly #imagesToCatalogue = new Set<string>();

  constructor(context: Omit<RecordContext, 'trx' | 'seen' | 'note'>) {
    const seen = {
      hosts: new Set<string>(),
      containers: new Set<string>(),
      repositories: new Set<string>(),
      imagePlaces: new Set<string>(),
      tags: new Set<string>(),
    };
    this.#context = { ...context, seen, note: (change) => this.#note(change) };
  }

  #note(change: Change): void {
    this.#counts[change.change] += 1;
    this.#lines.push(`${change.change} ${change.kind} ${change.id}\n`);
    if (change.kind === 'image' && change.change === 'appeared') {
      this.#imagesToCatalogue.add(change.id);
    }
  }

  /** Order within a batch does not matter: what others point to is written first. */
  async record(trx: Transaction, given: readonly Observation[]): Promise<void> {
    const context = { ...this.#context, trx };
    const batch = given.map(toStorable);
    const of = <T extends Observation>(kind: T['kind']) =>
      batch.filter((observation): observation is T => observation.kind === kind);
    await recordHosts(context, of<HostObservation>('host'));
    await recordRepositories(context, of<RepositoryObservation>('repository'));
    await recordImages(context, of<ImageObservation>('image'));
    await recordTags(context, of<TagObservation>('tag'));
    await recordContainers(context, of<ContainerObservation>('container'));
    await recordEvents(context, of<EventObservation>('event'));
  }

  /** The gone rule: only kinds that were read in full, and only what was known before. */
  async markGone(
    trx: Transaction,
    reading: { complete: readonly ThingKind[]; startedAt: Date },
  ): Promise<void> {
    await markGone({ ...this.#context, trx }, reading);
  }

  changes(): ChangeSet {
    return {
      ...this.#counts,
      lines: this.#lines.join(''),
      imagesToCatalogue: [...this.#imagesToCatalogue],
    };
  }
}
