import type { z } from 'zod';
import type { Observation, ReadProblem, ThingKind } from '../model/observation.ts';
import type { Clock } from '../platform/clock.ts';
import type { ImageSource } from '../scan/image-source.ts';

/**
 * A connector: the code for one kind of external system. It reads and returns observations; it
 * stores nothing and judges nothing. Reading never calls what can change a thing there. A refusal
 * becomes a named problem, and the kind it hides is left out of `complete`.
 */
export type Connector<Settings = unknown> = {
  /** Folder name under connectors, kebab-case. */
  readonly kind: string;
  readonly title: string;
  /** One sentence: what it reads. */
  readonly reads: string;
  /** The least rights it needs, one a line; its tests run with only those. */
  readonly leastRights: readonly string[];
  readonly fields: readonly ConnectorField[];
  /** Checks what a person or program gave; its messages are shown beside the fields. */
  readonly settings: z.ZodType<Settings>;
  /** Where it points, without secrets. */
  address(settings: Settings): string;
  /** Whether changes are followed by the system's own events. */
  readonly follows: boolean;
  /** What answers there. Throws a Failure with a sentence when nothing does. */
  test(context: ConnectorContext, settings: Settings): Promise<ConnectorTest>;
  open(context: ConnectorContext, settings: Settings): Promise<ConnectorSession>;
};

export type ConnectorField = {
  readonly name: string;
  readonly label: string;
  readonly help?: string;
  readonly kind:
    | 'text'
    | 'secret'
    | 'multiline'
    | 'secret-multiline'
    | 'boolean'
    | 'list'
    | 'number';
  readonly required: boolean;
  readonly placeholder?: string;
  readonly initial?: string | boolean | number;
};

export type ConnectorContext = {
  /** Ends every call under way when it aborts. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
};

export type ConnectorTest = {
  /** `Docker Engine 20.10.24 on wharf-03`. */
  readonly found: string;
  /** What a first sync would read. */
  readonly plan: readonly {
    readonly name: string;
    readonly count: number;
    readonly bytes?: number;
  }[];
};

export type ConnectorSession = {
  /** Reads everything once. */
  readonly read: (sink: ReadSink) => Promise<ReadOutcome>;
  /**
   * Follows the system's events until the context's signal aborts or the stream breaks (then it
   * throws). `since` is where the last reading ended. Absent where the system has no events.
   */
  readonly follow?: (options: FollowOptions) => Promise<void>;
  /** Opens an image for cataloguing, by `key` and `where` of its ImageObservation. */
  readonly openImage?: (key: string, where: string) => Promise<ImageSource>;
  readonly close: () => Promise<void>;
};

export type ReadSink = {
  /** Takes a batch; resolves when it has room for more. */
  readonly observe: (batch: readonly Observation[]) => Promise<void>;
  readonly progress: (part: string, done: number, total?: number) => void;
};

export type ReadOutcome = {
  /** Kinds that were read in full: only of these may an unseen thing be marked gone. */
  readonly complete: readonly ThingKind[];
  readonly problems: readonly ReadProblem[];
};

export type FollowOptions = {
  readonly since: Date;
  /** Until when an earlier stream was open: nothing up to then was missed. */
  readonly watchedUntil?: Date;
  /** The last event recorded before, so that a new stream can tell whether any were missed. */
  readonly lastEventKey?: string;
  /** Called when the stream is open and nothing since `since` was missed, or what was. */
  readonly onOpen: () => void;
  /** A batch of what happened, in order. */
  readonly onObserved: (
    batch: readonly Observation[],
    last?: { readonly key: string; readonly at: Date },
  ) => Promise<void>;
  /** Events between these times were never seen by anyone. */
  readonly onGap: (gap: { from: Date; to: Date; reason: string }) => Promise<void>;
};
