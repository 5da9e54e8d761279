import type { ThingKind } from '../../model/observation.ts';
import type { Ids } from '../../platform/clock.ts';
import type { Transaction } from '../../platform/database/database.ts';

/** One change of the inventory, as the digest in the evidence counts it. */
export type Change = {
  readonly kind: ThingKind;
  readonly id: string;
  readonly change: 'appeared' | 'changed' | 'gone';
};

/** Which connection speaks, when, and in which transaction it is written down. */
export type RecordContext = {
  readonly trx: Transaction;
  readonly connectionId: string;
  readonly sample: boolean;
  readonly at: Date;
  /** For a full reading, when it began: what was recorded since then is newer than what it saw. */
  readonly readingSince?: Date;
  readonly ids: Ids;
  readonly seen: Seen;
  readonly note: (change: Change) => void;
};

/** What this reading saw, by our ids: the rest may be gone. */
export type Seen = {
  readonly hosts: Set<string>;
  /** Place and key of each image: one may lie at several places and go from one of them. */
  readonly imagePlaces: Set<string>;
  readonly containers: Set<string>;
  readonly repositories: Set<string>;
  readonly tags: Set<string>;
};
