import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Connector } from '../../connectors/connector.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import type { JobKind, Jobs } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import type { SecretStore } from '../../platform/secret-store.ts';
import { registerConnections } from './connections-routes.ts';
import { type ConnectionsContext, readSettings } from './connections-service.ts';
import * as store from './connections-store.ts';
import { Followers } from './follower.ts';
import { runSync, type SyncContext } from './sync-engine.ts';

export { type UploadConnection, useUploadConnection } from './built-in-connection.ts';

export {
  addSampleConnection,
  listSampleConnections,
  noteSampleReading,
  removeSampleConnections,
} from './sample-connections.ts';

const syncJob: JobKind<{ connectionId: string }> = {
  name: 'connections.sync',
  data: z.object({ connectionId: z.guid() }),
  overlap: 'never',
  concurrency: 4,
  secondsMax: 3600,
  // A failed reading is recorded as such and comes again by its schedule.
  retriesMax: 0,
};

const dueJob: JobKind<Record<string, never>> = {
  name: 'connections.due',
  data: z.object({}),
  overlap: 'allowed',
};

export type ConnectionsOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly jobs: Jobs;
  readonly secrets: SecretStore;
  readonly connectors: readonly Connector[];
  readonly onImages: SyncContext['onImages'];
  readonly onChanged: SyncContext['onChanged'];
};

/** The door of connections: external systems, what reads them, and when. */
export type Connections = {
  readonly registerRoutes: (server: FastifyInstance) => void;
  readonly start: () => void;
  readonly stop: () => Promise<void>;
  /** The connector and settings of a connection, to open an image there. */
  readonly open: SyncContext['openConnector'];
  readonly find: (connectionId: string) => Promise<store.ConnectionRow | undefined>;
};

export function createConnections(options: ConnectionsOptions): Connections {
  const { database, clock, jobs } = options;
  const requestSync: ConnectionsContext['requestSync'] = (connectionId, trx) =>
    jobs.send(
      syncJob,
      { connectionId },
      { key: connectionId, ...(trx === undefined ? {} : { connection: trx }) },
    );
  const context: ConnectionsContext = {
    ...options,
    requestSync,
    onSettingsChanged: (connectionId) => followers.restart(connectionId),
  };
  const open: SyncContext['openConnector'] = (row) => readSettings(context, row);
  const syncContext: SyncContext = { ...options, openConnector: open };
  const followers = new Followers(syncContext, requestSync);
  jobs.handle(syncJob, ({ connectionId }, { signal }) =>
    runSync(syncContext, connectionId, signal),
  );
  jobs.handle(dueJob, async () => {
    const due = await store.listDue(database.kysely, clock.now());
    for (const connectionId of due) await requestSync(connectionId);
  });
  jobs.schedule(dueJob, '* * * * *', {});
  return {
    registerRoutes: (server) => registerConnections(server, context),
    start: () => followers.start(),
    stop: () => followers.stop(),
    open,
    find: (connectionId) => store.findConnection(database.kysely, connectionId),
  };
}
