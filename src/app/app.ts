import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { sql } from 'kysely';
import { archiveKind, openImageFile } from '../connectors/image-files/open-image-file.ts';
import { connectors } from '../connectors/list.ts';
import { registerComponents } from '../features/components/components.ts';
import { type Connections, createConnections } from '../features/connections/connections.ts';
import { createEvidence } from '../features/evidence/evidence.ts';
import {
  createCataloguing,
  type ImagePlace,
  type OpenedImage,
  registerInventory,
} from '../features/inventory/inventory.ts';
import { createNotifications } from '../features/notifications/notifications.ts';
import { createOwnership } from '../features/ownership/ownership.ts';
import { createSample } from '../features/sample/sample.ts';
import {
  authenticateRequest,
  createOwnerLink,
  createSetUpLink,
  previousVisitOf,
  registerSignIn,
  type SignInContext,
} from '../features/sign-in/sign-in.ts';
import { createUploads, type ImageFiles } from '../features/uploads/uploads.ts';
import { notFound } from '../model/errors.ts';
import { registerEndpoints } from '../platform/http/routes.ts';
import { createHttpServer } from '../platform/http/server.ts';
import { createOutboundHttp } from '../platform/outbound/outbound-http.ts';
import { cataloguers } from '../scan/cataloguers/list.ts';
import { serveConsole } from './console-routes.ts';
import { serverEndpoints } from './endpoints.ts';
import type { Runtime } from './runtime.ts';
import { PROJECT_FOLDER } from './version.ts';

export type App = {
  readonly http: FastifyInstance;
  /** The one-time link for the first owner, or undefined when there is one already. */
  createSetUpLink(): Promise<string | undefined>;
  createOwnerLink(): Promise<string>;
  /** What goes on beside requests, begun once the server listens. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** Joins the pieces: slices, their routes and their work beside requests. */
export async function buildApp(runtime: Runtime, tls?: TlsFiles): Promise<App> {
  const { config, version } = runtime;
  const signIn: SignInContext = {
    ...runtime,
    installation: { id: runtime.installationId, version },
    publicUrl: config.publicUrl,
  };
  const http = await openHttp(runtime, signIn, tls);
  const ownership = createOwnership(runtime);
  const cataloguing = createCataloguing({
    ...runtime,
    cataloguers,
    openImage: (place) => openImage(place),
  });
  const connections = createConnections({
    ...runtime,
    connectors,
    onImages: () => cataloguing.requestWaiting(),
    onChanged: ownership.requestJudging,
  });
  const openImage = imageOpener(connections, runtime);
  const outbound = createOutboundHttp();
  const evidence = createEvidence({
    ...runtime,
    placeHttp: outbound,
    origin: config.logOrigin ?? `wharfinger.${runtime.installationId}`,
    headFile: join(config.dataFolder, 'evidence/checkpoint'),
  });
  const uploads = openUploads(runtime);
  const notifications = createNotifications({ ...runtime, publicUrl: config.publicUrl });
  const sample = openSample(runtime, ownership);
  registerServer(http, runtime);
  evidence.registerRoutes(http);
  registerSignIn(http, signIn);
  connections.registerRoutes(http);
  ownership.registerRoutes(http);
  notifications.registerRoutes(http);
  registerInventory(http, {
    ...runtime,
    previousVisitOf: (actor) => previousVisitOf(signIn, actor),
    requestCatalogue: cataloguing.requestAgain,
  });
  registerComponents(http, runtime);
  uploads.registerRoutes(http);
  sample.registerRoutes(http);
  await serveConsole(http, runtime.consoleFolder);
  return {
    http,
    createSetUpLink: () => createSetUpLink(signIn),
    createOwnerLink: () => createOwnerLink(signIn),
    start: async () => {
      await evidence.start();
      connections.start();
      await uploads.start();
      notifications.start();
      if (config.loadsSample) await sample.load();
    },
    stop: async () => {
      await uploads.stop();
      await connections.stop();
      await cataloguing.stop();
      await notifications.stop();
      await evidence.stop();
      await outbound.close();
    },
  };
}

type TlsFiles = { readonly cert: Buffer; readonly key: Buffer };

function openHttp(runtime: Runtime, signIn: SignInContext, tls: TlsFiles | undefined) {
  return createHttpServer({
    hosts: runtime.config.hosts,
    trustedProxies: runtime.config.trustedProxies,
    ...(tls === undefined ? {} : { tls }),
    authenticate: (request) => authenticateRequest(signIn, request),
    log: runtime.log,
    version: runtime.version,
  });
}

function openSample(runtime: Runtime, ownership: ReturnType<typeof createOwnership>) {
  const file = join(PROJECT_FOLDER, 'sample/estate.json.gz');
  return createSample({ ...runtime, file, onChanged: ownership.requestJudging });
}

function openUploads(runtime: Runtime) {
  return createUploads({
    ...runtime,
    cataloguers,
    folder: runtime.paths.uploads,
    bytesMax: runtime.config.uploadBytesMax,
    imageFiles,
  });
}

/** What uploads may be: files that hold images, told apart by what lies in them. */
const imageFiles: ImageFiles = {
  kindOf: async (path) => {
    const kind = await archiveKind(path);
    return kind === 'docker-archive' || kind === 'oci-archive' ? kind : undefined;
  },
  open: openImageFile,
};

/** Opens an image where a connection saw it, in a session of its own. */
function imageOpener(connections: Connections, runtime: Runtime) {
  return async (place: ImagePlace): Promise<OpenedImage> => {
    const row = await connections.find(place.connectionId);
    if (row === undefined) throw notFound('Its connection was removed.');
    const { connector, settings } = await connections.open(row);
    const stop = new AbortController();
    const session = await connector.open({ signal: stop.signal, clock: runtime.clock }, settings);
    const close = async () => {
      stop.abort();
      await session.close();
    };
    try {
      if (session.openImage === undefined) throw notFound('It has no images to open.');
      return { source: await session.openImage(place.key, place.where), close };
    } catch (error) {
      await close();
      throw error;
    }
  };
}

function registerServer(http: FastifyInstance, runtime: Runtime): void {
  registerEndpoints(http, serverEndpoints, {
    getHealth: async ({ reply }) => {
      const reasons = [...runtime.notReady()];
      await sql`select 1`.execute(runtime.database.kysely).catch(() => {
        reasons.push('The database does not answer.');
      });
      if (reasons.length > 0) void reply.code(503).send({ ready: false, reasons });
      else void reply.send({ ready: true, version: runtime.version });
    },
    getOpenApi: async ({ reply }) => {
      void reply.send(http.swagger());
    },
  });
}
