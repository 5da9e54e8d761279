import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Failure, invalid, tooLarge, unavailable } from '../../model/errors.ts';

export type ReceivedFile = { readonly sizeBytes: number; readonly digest: Buffer };

const UNFINISHED = '.part';
const NAME = /^[0-9a-f-]{36}$/;

/** The folder where files lie from their arrival until they were read. */
export class UploadFiles {
  readonly #folder: string;
  readonly #bytesMax: number;

  constructor(options: { readonly folder: string; readonly bytesMax: number }) {
    this.#folder = options.folder;
    this.#bytesMax = options.bytesMax;
  }

  pathOf(id: string): string {
    return join(this.#folder, id);
  }

  /**
   * Writes a stream to the file of this id. On return it is whole and on the disk; when it throws,
   * nothing is left. `expectedBytes` is what the sender announced, if anything.
   */
  async receive(
    id: string,
    body: Readable,
    expectedBytes: number | undefined,
  ): Promise<ReceivedFile> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#checkRoom(expectedBytes ?? 0);
    const unfinished = this.pathOf(id) + UNFINISHED;
    const meter = new Meter(this.#bytesMax);
    try {
      const file = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true });
      await pipeline(body, meter, file);
      if (meter.sizeBytes === 0) throw invalid('The file is empty.');
      await rename(unfinished, this.pathOf(id));
      await this.#syncFolder();
    } catch (error) {
      await rm(unfinished, { force: true });
      throw refusal(error);
    }
    return { sizeBytes: meter.sizeBytes, digest: meter.digest() };
  }

  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { force: true });
  }

  /** Ids of the whole files that are here; what nobody waits for is removed. */
  async sweep(isWanted: (id: string) => boolean): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const kept: string[] = [];
    for (const name of names) {
      const id = name.replace(UNFINISHED, '');
      if (!NAME.test(id)) continue;
      if (!isWanted(id)) await rm(join(this.#folder, name), { force: true });
      else if (id === name) kept.push(id);
    }
    return kept;
  }

  async #checkRoom(bytes: number): Promise<void> {
    if (bytes > this.#bytesMax) throw overLimit(this.#bytesMax);
    const { bavail, bsize } = await statfs(this.#folder);
    if (bytes > bavail * bsize) throw noRoom();
  }

  /** The new name is durable only once its folder is (fsync(2)). */
  async #syncFolder(): Promise<void> {
    const folder = await open(this.#folder, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }
}

/** Counts and hashes what passes, and ends what is too much. */
class Meter extends Transform {
  readonly #hash = createHash('sha256');
  readonly #bytesMax: number;
  sizeBytes = 0;

  constructor(bytesMax: number) {
    super();
    this.#bytesMax = bytesMax;
  }

  override _transform(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void) {
    this.sizeBytes += chunk.length;
    if (this.sizeBytes > this.#bytesMax) return done(overLimit(this.#bytesMax));
    this.#hash.update(chunk);
    this.push(chunk);
    return done();
  }

  digest(): Buffer {
    return this.#hash.digest();
  }
}

function overLimit(bytesMax: number): Failure {
  const gib = bytesMax / 1024 ** 3;
  const shown = gib >= 1 ? `${Math.round(gib)} GiB` : `${bytesMax} bytes`;
  return tooLarge(`A file may have ${shown}: WHARFINGER_UPLOAD_GIB_MAX sets how many.`, {
    code: 'upload-too-large',
  });
}

const noRoom = (cause?: unknown): Failure =>
  unavailable("The disk of the server's data folder has no room for this file.", {
    code: 'disk-full',
    cause,
  });

function refusal(error: unknown): unknown {
  if (error instanceof Failure) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') return noRoom(error);
  const brokeOff = ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ABORT_ERR', 'EPIPE'];
  if (!brokeOff.includes(code)) return error;
  return invalid('The upload broke off. Nothing of it was kept: send the file again.', {
    code: 'upload-broke-off',
    cause: error,
  });
}
