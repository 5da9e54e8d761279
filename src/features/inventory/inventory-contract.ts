import { z } from 'zod';
import { endpoint } from '../../model/endpoint.ts';
import { containerStates } from '../../model/observation.ts';
import { pageOf, pageQuery } from '../../model/page.ts';

/**
 * Since when something is known, and its proof. `seenAt` is the last good sync of the connection
 * that said so; `stale` when that connection has stopped. `evidenceId` opens the proof.
 */
export const Seal = z.object({
  seenAt: z.iso.datetime(),
  connectionId: z.string().optional(),
  connectionName: z.string().optional(),
  stale: z.boolean(),
  evidenceId: z.string().optional(),
  /** Who says so: we saw it, or a source stated it. */
  by: z.enum(['seen', 'stated']),
});
export type Seal = z.output<typeof Seal>;

export const OwnerRef = z.object({
  kind: z.enum(['team', 'user']),
  id: z.string(),
  name: z.string(),
  /** The rule that named them: `rule 4: registry path payments/*`. */
  because: z.string(),
});

export const CatalogueState = z.enum([
  'waiting',
  'reading',
  'complete',
  'partial',
  'failed',
  'unreachable',
]);

export const ContainerRow = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['container', 'pod-container', 'virtual-machine', 'function']),
  state: z.enum(containerStates),
  /** In words: `Up 8 days`, `Exited (137) 2 h ago`. */
  status: z.string(),
  hostId: z.string(),
  hostName: z.string(),
  imageId: z.string().optional(),
  imageName: z.string(),
  workloadId: z.string(),
  workloadName: z.string(),
  environment: z.string().optional(),
  owner: OwnerRef.optional(),
  privileged: z.union([z.boolean(), z.literal('unknown')]),
  /** Published beyond loopback. */
  exposed: z.union([z.boolean(), z.literal('unknown')]),
  components: z.number().int().optional(),
  catalogue: CatalogueState.optional(),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  firstSeenAt: z.iso.datetime(),
  goneAt: z.iso.datetime().optional(),
  connectionId: z.string(),
  stale: z.boolean(),
  sample: z.boolean(),
});
export type ContainerRow = z.output<typeof ContainerRow>;

export const PublishedPort = z.object({
  container: z.string(),
  host: z.string().optional(),
  address: z.string().optional(),
});

/** What the engine says of a container; undefined where it did not say. */
export const ContainerFacts = z.object({
  engineId: z.string(),
  command: z.array(z.string()),
  user: z.string(),
  labels: z.record(z.string(), z.string()),
  ports: z.array(PublishedPort),
  mounts: z.array(
    z.object({
      kind: z.string(),
      source: z.string(),
      target: z.string(),
      writable: z.boolean(),
    }),
  ),
  capabilitiesAdded: z.array(z.string()),
  capabilitiesDropped: z.array(z.string()),
  networks: z.array(z.string()),
  readOnlyRoot: z.boolean().optional(),
  restartPolicy: z.string().optional(),
  restarts: z.number().int().optional(),
  exitCode: z.number().int().optional(),
  oomKilled: z.boolean().optional(),
  pidMode: z.string().optional(),
  networkMode: z.string().optional(),
});
export type ContainerFacts = z.output<typeof ContainerFacts>;

export const LifeStep = z.object({
  kind: z.enum(['built', 'catalogued', 'created', 'started', 'ended', 'removed', 'now', 'event']),
  title: z.string(),
  detail: z.string().optional(),
  at: z.iso.datetime().optional(),
  by: z.enum(['seen', 'stated']),
  tone: z.enum(['plain', 'warning', 'critical']).optional(),
});
export type LifeStep = z.output<typeof LifeStep>;

export const Passport = ContainerRow.extend({
  facts: ContainerFacts.optional(),
  imageDigest: z.string().optional(),
  life: z.array(LifeStep),
  contains: z
    .object({
      total: z.number().int(),
      byType: z.array(z.object({ type: z.string(), count: z.number().int() })),
      layers: z.number().int(),
      executables: z.number().int(),
      unexplained: z.number().int(),
      problems: z.number().int(),
      seal: Seal,
    })
    .optional(),
  runs: z.object({ seal: Seal }),
  /** What could not be read of it, as sentences. */
  gaps: z.array(z.string()),
  otherRuns: z.array(ContainerRow),
});
export type Passport = z.output<typeof Passport>;

export const ContainerEvent = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  kind: z.string(),
  detail: z.string().optional(),
  by: z.enum(['seen', 'stated']),
});
export type ContainerEvent = z.output<typeof ContainerEvent>;

/** One stretch of time during which the facts of a thing stayed the same. */
export const FactInterval = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime().optional(),
  facts: z.record(z.string(), z.unknown()),
  /** Which facts differ from the stretch before. */
  changed: z.array(z.string()),
});

export const ImageRow = z.object({
  id: z.string(),
  name: z.string(),
  tags: z.array(z.string()),
  digest: z.string(),
  platform: z.string(),
  sizeBytes: z.number().int(),
  createdAt: z.iso.datetime().optional(),
  firstSeenAt: z.iso.datetime(),
  catalogue: CatalogueState,
  components: z.number().int().optional(),
  unexplained: z.number().int().optional(),
  runningContainers: z.number().int(),
  os: z.string().optional(),
  sample: z.boolean(),
});
export type ImageRow = z.output<typeof ImageRow>;

export const ImageLayer = z.object({
  index: z.number().int(),
  diffId: z.string().optional(),
  digest: z.string().optional(),
  sizeBytes: z.number().int(),
  createdBy: z.string().optional(),
  components: z.number().int(),
  /** Other images in the estate that start with the layers up to this one. */
  sharedBy: z.number().int(),
});

export const ImagePage = ImageRow.extend({
  manifestDigests: z.array(z.string()),
  indexDigests: z.array(z.string()),
  configDigest: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  user: z.string().optional(),
  entrypoint: z.array(z.string()),
  command: z.array(z.string()),
  exposedPorts: z.array(z.string()),
  layers: z.array(ImageLayer),
  byType: z.array(z.object({ type: z.string(), count: z.number().int() })),
  /** The largest known image whose layers are the lowest layers of this one. */
  base: z.object({ id: z.string(), name: z.string(), layers: z.number().int() }).optional(),
  /** Images built on this one. */
  builtOn: z.array(z.object({ id: z.string(), name: z.string() })),
  problems: z.array(z.object({ path: z.string(), message: z.string() })),
  unexplainedPaths: z.array(z.string()),
  /** SBOMs others handed in about this image, kept apart from what was read here. */
  stated: z.array(
    z.object({
      author: z.string(),
      format: z.string(),
      components: z.number().int(),
      at: z.iso.datetime(),
    }),
  ),
  seenAt: z.array(
    z.object({
      connectionId: z.string(),
      connectionName: z.string(),
      where: z.string(),
      firstSeenAt: z.iso.datetime(),
      goneAt: z.iso.datetime().optional(),
    }),
  ),
  catalogueError: z.string().optional(),
  seal: Seal,
});
export type ImagePage = z.output<typeof ImagePage>;

export const ImageComponent = z.object({
  componentId: z.string(),
  purl: z.string(),
  type: z.string(),
  name: z.string(),
  version: z.string(),
  licences: z.array(z.string()),
  path: z.string(),
  paths: z.number().int(),
  layer: z.number().int(),
  cataloguer: z.string(),
  ownedBy: z.string().optional(),
  declared: z.boolean(),
});
export type ImageComponent = z.output<typeof ImageComponent>;

export const Host = z.object({
  id: z.string(),
  name: z.string(),
  engine: z.string(),
  connectionId: z.string(),
  environment: z.string().optional(),
  containersRunning: z.number().int(),
  firstSeenAt: z.iso.datetime(),
  goneAt: z.iso.datetime().optional(),
  facts: z.record(z.string(), z.unknown()),
});

/** A number with its trend: one point a day, oldest first, and the list behind it. */
export const Trend = z.object({
  value: z.number().int(),
  change: z.number().int().optional(),
  points: z.array(z.object({ at: z.iso.datetime(), value: z.number() })),
});

export const Overview = z.object({
  needs: z.array(
    z.object({
      verb: z.string(),
      title: z.string(),
      detail: z.string(),
      link: z.string(),
      tone: z.enum(['critical', 'high', 'medium', 'good', 'unknown']),
      due: z.string().optional(),
    }),
  ),
  /** How complete the answer is: `Docker host wharf-03 is silent: … as of 3 h ago.` */
  completeness: z.string(),
  runningContainers: Trend,
  unowned: Trend,
  notCatalogued: Trend,
  images: z.number().int(),
  components: z.number().int(),
  freshness: z.array(
    z.object({
      kind: z.string(),
      title: z.string(),
      fresh: z.number().int(),
      total: z.number().int(),
      detail: z.string(),
      state: z.enum(['fresh', 'partial', 'stopped']),
    }),
  ),
  since: z.object({
    at: z.iso.datetime().optional(),
    newImages: z.number().int(),
    containersStarted: z.number().int(),
    containersEnded: z.number().int(),
    newComponents: z.number().int(),
  }),
  /** Containers started and ended, by day. */
  activity: z.array(
    z.object({ day: z.string(), started: z.number().int(), ended: z.number().int() }),
  ),
  /** Share of workloads that are containers, with the denominator's definition in words. */
  adoption: z.object({
    workloads: z.number().int(),
    containers: z.number().int(),
    definition: z.string(),
  }),
});
export type Overview = z.output<typeof Overview>;

const byId = z.object({ id: z.string().max(100) });
const filter = z.string().max(300).optional();

export const containerSorts = ['name', '-started', 'host', 'image', 'owner'] as const;

export const inventoryEndpoints = {
  getOverview: endpoint({
    method: 'GET',
    path: '/api/v1/overview',
    summary: 'What needs a person today, and the estate in numbers.',
    action: 'inventory.read',
    response: Overview,
  }),
  listContainers: endpoint({
    method: 'GET',
    path: '/api/v1/containers',
    summary: 'Containers, running and ended.',
    action: 'inventory.read',
    query: z.object({
      ...pageQuery,
      q: filter,
      state: z.enum(['running', 'ended', 'all']).default('running'),
      connection: filter,
      host: filter,
      image: filter,
      workload: filter,
      /** A team's or user's id, or `none`. */
      owner: filter,
      environment: filter,
      privileged: z.stringbool().optional(),
      exposed: z.stringbool().optional(),
      /** Containers as they were at that time. */
      at: z.iso.datetime().optional(),
      sort: z.enum(containerSorts).default('-started'),
    }),
    response: pageOf(ContainerRow).extend({
      counts: z.object({
        running: z.number().int(),
        ended: z.number().int(),
        unowned: z.number().int(),
        privileged: z.number().int(),
        exposed: z.number().int(),
      }),
      /** Connections that are silent, so that the list may be out of date. */
      silent: z.array(z.string()),
    }),
  }),
  getContainer: endpoint({
    method: 'GET',
    path: '/api/v1/containers/:id',
    summary: "A container's passport.",
    action: 'inventory.read',
    params: byId,
    response: Passport,
  }),
  listContainerEvents: endpoint({
    method: 'GET',
    path: '/api/v1/containers/:id/events',
    summary: 'What happened to a container, newest first.',
    action: 'inventory.read',
    params: byId,
    query: z.object(pageQuery),
    response: pageOf(ContainerEvent),
  }),
  listContainerHistory: endpoint({
    method: 'GET',
    path: '/api/v1/containers/:id/history',
    summary: 'How the facts of a container changed, newest first.',
    action: 'inventory.read',
    params: byId,
    response: z.object({ items: z.array(FactInterval) }),
  }),
  listImages: endpoint({
    method: 'GET',
    path: '/api/v1/images',
    summary: 'Images known to any connection.',
    action: 'inventory.read',
    query: z.object({
      ...pageQuery,
      q: filter,
      catalogue: CatalogueState.optional(),
      running: z.stringbool().optional(),
      connection: filter,
      sort: z.enum(['name', '-created', '-size', '-running', '-seen']).default('-seen'),
    }),
    response: pageOf(ImageRow).extend({
      counts: z.object({
        all: z.number().int(),
        running: z.number().int(),
        notCatalogued: z.number().int(),
      }),
    }),
  }),
  getImage: endpoint({
    method: 'GET',
    path: '/api/v1/images/:id',
    summary: 'One image: layers, lineage, what could not be read.',
    action: 'inventory.read',
    params: byId,
    response: ImagePage,
  }),
  listImageComponents: endpoint({
    method: 'GET',
    path: '/api/v1/images/:id/components',
    summary: 'Components of an image, with the file that proves each.',
    action: 'inventory.read',
    params: byId,
    query: z.object({
      ...pageQuery,
      q: filter,
      type: filter,
      layer: z.coerce.number().int().min(0).optional(),
      declared: z.stringbool().optional(),
    }),
    response: pageOf(ImageComponent),
  }),
  compareImages: endpoint({
    method: 'GET',
    path: '/api/v1/images/:id/changes',
    summary: 'What changed from one image to another.',
    action: 'inventory.read',
    params: byId,
    query: z.object({ from: z.string().max(100) }),
    response: z.object({
      from: ImageRow,
      to: ImageRow,
      sharedLayers: z.number().int(),
      added: z.array(z.object({ purl: z.string(), name: z.string(), version: z.string() })),
      removed: z.array(z.object({ purl: z.string(), name: z.string(), version: z.string() })),
      changed: z.array(
        z.object({ name: z.string(), type: z.string(), from: z.string(), to: z.string() }),
      ),
      truncated: z.boolean(),
    }),
  }),
  getImageSbom: endpoint({
    method: 'GET',
    path: '/api/v1/images/:id/sbom',
    summary: 'The image as an SBOM: CycloneDX 1.6, 1.7 or SPDX 2.3 JSON.',
    action: 'inventory.read',
    params: byId,
    query: z.object({
      format: z.enum(['cyclonedx-1.6', 'cyclonedx-1.7', 'spdx-2.3']).default('cyclonedx-1.6'),
    }),
    streams: 'application/json',
  }),
  catalogueImage: endpoint({
    method: 'POST',
    path: '/api/v1/images/:id/catalogue',
    summary: 'Read an image again.',
    action: 'connection.sync',
    params: byId,
    status: 202,
    response: z.object({ queued: z.boolean() }),
  }),
  listHosts: endpoint({
    method: 'GET',
    path: '/api/v1/hosts',
    summary: 'Hosts that run containers.',
    action: 'inventory.read',
    query: z.object({ ...pageQuery, connection: filter }),
    response: pageOf(Host),
  }),
  search: endpoint({
    method: 'GET',
    path: '/api/v1/search',
    summary: 'Search names, digests and package URLs across containers, images and components.',
    action: 'inventory.read',
    query: z.object({ q: z.string().min(1).max(500) }),
    response: z.object({
      items: z.array(
        z.object({
          kind: z.enum(['container', 'image', 'component', 'connection', 'host']),
          id: z.string(),
          title: z.string(),
          detail: z.string(),
          link: z.string(),
        }),
      ),
    }),
  }),
};
