import type { FastifyInstance } from 'fastify';
import type { Clock, Ids } from '../../platform/clock.ts';
import type { Database } from '../../platform/database/database.ts';
import type { Log } from '../../platform/log.ts';
import type { Cataloguer } from '../../scan/cataloguer.ts';
import type { ImageFiles } from './read-upload.ts';
import { UploadFiles } from './upload-files.ts';
import { UploadReader } from './upload-reader.ts';
import { registerUploads } from './uploads-routes.ts';
import type { UploadsContext } from './uploads-service.ts';

export type { ImageFiles };

export type UploadsOptions = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** Where files lie until they were read. */
  readonly folder: string;
  readonly bytesMax: number;
  readonly imageFiles: ImageFiles;
  readonly cataloguers: readonly Cataloguer[];
};

/** The door of uploads: image files and SBOMs that people hand in. */
export type Uploads = {
  readonly registerRoutes: (server: FastifyInstance) => void;
  /** Takes up what an earlier run did not finish, and removes what broke off. */
  readonly start: () => Promise<void>;
  /** Settles when everything handed in so far was read. */
  readonly settled: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export function createUploads(options: UploadsOptions): Uploads {
  const files = new UploadFiles(options);
  const reader = new UploadReader({ ...options, files });
  const context: UploadsContext = {
    ...options,
    files,
    arriving: new Set(),
    onReceived: (id) => reader.enqueue(id),
  };
  return {
    registerRoutes: (server) => registerUploads(server, context),
    start: () => reader.resume(context.arriving),
    settled: () => reader.settled(),
    stop: () => reader.stop(),
  };
}
