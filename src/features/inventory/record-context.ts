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
  readonly ids: Ids;
  readonly seen: Seen;
  readonly note: (change: Change) => void;
};

/** What this reading saw, by our ids: the rest may be gone. */
export type Seen = {
  readonly hosts: Set<string>;
  readonly images: Set<string>;
  readonly containers: Set<string>;
  readonly repositories: Set<string>;
  readonly tags: Set<string>;
};
