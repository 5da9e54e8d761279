/**
 * What a connector saw, in the words of the inventory. A connector stores nothing: it hands these
 * to the engine that records them. Keys are the external system's lasting identifiers, never names.
 * Times are ISO 8601 in UTC. An absent field means "cannot tell", never "no".
 */
export type HostObservation = {
  readonly kind: 'host';
  /** The engine's own id. */
  readonly key: string;
  readonly name: string;
  /** `Docker Engine 20.10.24`. */
  readonly engine: string;
  readonly facts: Readonly<Record<string, string | number | boolean>>;
};

export const containerStates = [
  'created',
  'running',
  'paused',
  'restarting',
  'exited',
  'dead',
  'removed',
  'unknown',
] as const;
export type ContainerState = (typeof containerStates)[number];

export type ContainerObservation = {
  readonly kind: 'container';
  /** The engine's container id. */
  readonly key: string;
  readonly hostKey: string;
  readonly name: string;
  /** As the container was started: `registry.example/payments/ledger:1.4`. */
  readonly imageName: string;
  /** Key of an ImageObservation of the same connection, where known. */
  readonly imageKey?: string;
  readonly state: ContainerState;
  readonly createdAt?: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly exitCode?: number;
  readonly privileged?: boolean;
  /** Published beyond loopback. */
  readonly exposed?: boolean;
  /** What outlives the container: its Compose service, else host and name. */
  readonly workload: WorkloadObservation;
  readonly facts?: ContainerFacts;
  /** Processor time used so far, nanoseconds, and when that was read. */
  readonly cpu?: { readonly totalNs: number; readonly at: string };
};

export type WorkloadObservation = {
  readonly kind: 'container' | 'pod-container' | 'virtual-machine' | 'function';
  /** Unique within the connection: `compose:shop/web`, `name:wharf-03/ledger`. */
  readonly key: string;
  readonly name: string;
};

export type ContainerFacts = {
  readonly engineId: string;
  readonly command: readonly string[];
  readonly user: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly {
    readonly container: string;
    readonly host?: string;
    readonly address?: string;
  }[];
  readonly mounts: readonly {
    readonly kind: string;
    readonly source: string;
    readonly target: string;
    readonly writable: boolean;
  }[];
  readonly capabilitiesAdded: readonly string[];
  readonly capabilitiesDropped: readonly string[];
  readonly networks: readonly string[];
  readonly readOnlyRoot?: boolean;
  readonly restartPolicy?: string;
  readonly restarts?: number;
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  readonly pidMode?: string;
  readonly networkMode?: string;
};

export type ImageObservation = {
  readonly kind: 'image';
  /** What the connection calls it: the engine's image id, a manifest digest at a registry. */
  readonly key: string;
  readonly configDigest?: string;
  readonly manifestDigests: readonly string[];
  readonly indexDigests: readonly string[];
  /** Where it lies: a host's key, or a repository's name. */
  readonly where: string;
  readonly tags: readonly string[];
  /** `linux/amd64`, `linux/arm64/v8`. */
  readonly platform?: string;
  readonly sizeBytes?: number;
  readonly createdAt?: string;
  /** Uncompressed layer digests, lowest first, as its config states them. */
  readonly diffIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** What refers to it: signatures, SBOMs. The inventory does not keep them yet. */
  readonly referrers?: readonly { readonly digest: string; readonly artifactType: string }[];
};

export type RepositoryObservation = {
  readonly kind: 'repository';
  readonly key: string;
  readonly name: string;
};

/** A tag is a pointer: which digest it names now. */
export type TagObservation = {
  readonly kind: 'tag';
  /** A repository's key, or a host's. */
  readonly where: string;
  readonly name: string;
  readonly digest: string;
};

/** Something that happened at the external system and left no state behind: exec, copy, commit. */
export type EventObservation = {
  readonly kind: 'event';
  /** Stable for the same event read twice, so that a replay adds nothing. */
  readonly key: string;
  readonly at: string;
  readonly action: string;
  readonly containerKey?: string;
  readonly hostKey?: string;
  readonly detail?: string;
};

export type Observation =
  | HostObservation
  | ContainerObservation
  | ImageObservation
  | RepositoryObservation
  | TagObservation
  | EventObservation;

/** Kinds that a full sync can mark as gone. Events never are. */
export type ThingKind = Exclude<Observation['kind'], 'event'>;

/** Something a connector could not read. */
export type ReadProblem = { readonly subject: string; readonly message: string };
