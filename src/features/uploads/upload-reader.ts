import { Failure, publicMessage } from '../../model/errors.ts';
import type { Clock, Ids } from '../../platform/clock.ts';
import { type Database, inTransaction } from '../../platform/database/database.ts';
import { errorFields, type Log } from '../../platform/log.ts';
import type { Cataloguer } from '../../scan/cataloguer.ts';
import { LayerPool } from '../../scan/layer-pool.ts';
import { layerStore } from '../components/components.ts';
import { appendEvidence } from '../evidence/evidence.ts';
import { type ImageFiles, type ReadUpload, readUpload } from './read-upload.ts';
import { recordUpload } from './record-upload.ts';
import type { UploadFiles } from './upload-files.ts';
import * as store from './uploads-store.ts';

export type ReaderContext = {
  readonly database: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly files: UploadFiles;
  readonly imageFiles: ImageFiles;
  readonly cataloguers: readonly Cataloguer[];
};

const TRIES_MAX = 3;

/**
 * Reads uploads one after the other. It is a line of this process and no job of the queue: the file
 * lies on this node's disk, so no other node could read it. What the line held when the server
 * ended is taken up again at its next start, from the table and the folder.
 */
export class UploadReader {
  readonly #context: ReaderContext;
  #line: Promise<void> = Promise.resolve();
  #pool: LayerPool | undefined;
  #isStopping = false;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  enqueue(id: string): void {
    this.#line = this.#line.then(() => this.#read(id));
  }

  /**
   * Uploads whose files lie here are read again; files without a row were never acknowledged,
   * unless they arrive just now.
   */
  async resume(arriving: ReadonlySet<string>): Promise<void> {
    const { database, files } = this.#context;
    const open = await store.listOpenUploads(database.kysely);
    const waiting = new Set(open);
    const here = new Set(await files.sweep((id) => waiting.has(id) || arriving.has(id)));
    for (const id of open) if (here.has(id)) this.enqueue(id);
  }

  /** Settles when everything handed in so far was read. */
  settled(): Promise<void> {
    return this.#line;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#pool?.close();
    // A reading whose workers are gone may never settle; its upload is read again at the start.
  }

  async #read(id: string): Promise<void> {
    if (this.#isStopping) return;
    const { database, files, log } = this.#context;
    try {
      const row = await store.takeUpload(database.kysely, id);
      if (row === undefined) return;
      await this.#readRow(row);
      await files.remove(id);
    } catch (error) {
      if (!this.#isStopping) log.error('An upload was not read.', { id, ...errorFields(error) });
    }
  }

  async #readRow(row: store.UploadRow): Promise<void> {
    let read: ReadUpload | undefined;
    try {
      if (row.tries > TRIES_MAX) {
        throw new Failure('invalid', `The server ended ${TRIES_MAX} times while it read this.`);
      }
      read = await this.#open(row);
      await this.#keep(row, read);
    } catch (error) {
      if (this.#isStopping) throw error;
      if (!(error instanceof Failure)) {
        const { log } = this.#context;
        log.error('An upload could not be read.', { id: row.id, ...errorFields(error) });
      }
      await this.#keepFailure(row, read?.kind, publicMessage(error));
    }
  }

  async #open(row: store.UploadRow): Promise<ReadUpload> {
    const { files, imageFiles, cataloguers, database } = this.#context;
    const reader = new LayerPool();
    this.#pool = reader;
    try {
      const file = { path: files.pathOf(row.id), name: row.name, sizeBytes: row.size_bytes };
      const cache = layerStore(database);
      return await readUpload(file, { imageFiles, cataloguers, cache, reader });
    } finally {
      this.#pool = undefined;
      await reader.close();
    }
  }

  async #keep(row: store.UploadRow, read: ReadUpload): Promise<void> {
    const { database, clock, ids } = this.#context;
    await inTransaction(database, async (trx) => {
      const at = clock.now();
      const recorded = await recordUpload(trx, { row, at, ids }, read);
      const { message, problems, evidenceId } = recorded;
      const imageIds = recorded.images.map((image) => image.id);
      const { kind } = read;
      const ended = { id: row.id, kind, message, imageIds, problems, at, evidenceId };
      await store.endUpload(trx, { ...ended, state: 'done' });
    });
  }

  async #keepFailure(
    row: store.UploadRow,
    kind: store.UploadKind | undefined,
    message: string,
  ): Promise<void> {
    const { database, clock } = this.#context;
    await inTransaction(database, async (trx) => {
      const at = clock.now();
      const evidenceId = await appendEvidence(trx, {
        kind: 'upload.failed',
        actor: row.actor,
        subjects: [`upload:${row.id}`],
        at,
        body: { digest: `sha256:${row.digest.toString('hex')}` },
      });
      const ended = { id: row.id, kind, message, imageIds: [], problems: [], at, evidenceId };
      await store.endUpload(trx, { ...ended, state: 'failed' });
    });
  }
}
