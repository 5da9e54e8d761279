import type { Clock, Ids } from '../platform/clock.ts';
import type { ServeConfig } from '../platform/config.ts';
import type { DataPaths } from '../platform/data-folder.ts';
import type { Database } from '../platform/database/database.ts';
import type { Jobs } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import type { SecretStore } from '../platform/secret-store.ts';

/** What the process gives the application: everything that touches the world outside, opened. */
export type Runtime = {
  readonly config: ServeConfig;
  readonly paths: DataPaths;
  readonly version: string;
  readonly installationId: string;
  readonly database: Database;
  /** Kinds are handled before it starts; sending works once it has. */
  readonly jobs: Jobs;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The folder of the built console, or undefined where there is none. */
  readonly consoleFolder: string | undefined;
  /** Extra reasons why this server is not ready, for its health; empty when it is. */
  readonly notReady: () => readonly string[];
};
