import { Buffer } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { fstatSync, readSync } from 'node:fs';
import {
  type Compression,
  compressionOf,
  type Inflater,
  makeInflater,
} from '../formats/inflate.ts';
import { Failure, invalid, tooLarge } from '../model/errors.ts';
import type { Cataloguer } from './cataloguer.ts';
import { LayerCollector } from './layer-collector.ts';
import type { LayerRecord } from './layer-record.ts';
import { LayerTar, type LinksToRead, type SeekableLayer } from './layer-tar.ts';

/**
 * Which digests of a layer are computed: both, or the one that names it (of the stored bytes where
 * the manifest states it, else of the tar), which is the one it is kept by. Only a reading that
 * computed both may say that they belong together.
 */
export type Hashing = 'stated' | 'both';

/** What the image says of a layer, to be compared with what its bytes are. */
export type ExpectedLayer = {
  /** How a message names it: `Layer 3 of 4`. */
  readonly label: string;
  /** Of the bytes as stored (the manifest's); in a docker archive there is none. */
  readonly digest?: string;
  /** Of the uncompressed tar (the config's). */
  readonly diffId?: string;
  readonly size?: number;
  /** Both where not said. */
  readonly hashing?: Hashing;
};

type Digests = { readonly digest?: string; readonly diffId?: string; readonly size: number };

export type LayerFile = { readonly fd: number; readonly offset: number; readonly length: number };
export type LayerBytes =
  | ({ readonly kind: 'file' } & LayerFile)
  | { readonly kind: 'stream'; readonly chunks: () => AsyncIterable<Uint8Array> };

const READ_BYTES = 256 * 1024;
const FIRST_BYTES = 4;
/**
 * A layer may inflate to this, or to 250 times its stored bytes where that is more: images with a
 * few gigabytes of zeros exist, and past it is nobody's file system.
 */
const INFLATED_BYTES_FREE = 6 * 1024 ** 3;
const INFLATION_MAX = 250;

/** Catalogues one layer. The digests that are computed are compared before anything is returned. */
export async function readLayer(
  bytes: LayerBytes,
  expected: ExpectedLayer,
  cataloguers: readonly Cataloguer[],
): Promise<LayerRecord> {
  const collector = new LayerCollector(cataloguers);
  const pass = new LayerPass(bytes, expected, collector);
  const stored = await pass.run();
  const links = collector.unreadLinks();
  if (links.size > 0) await new LayerPass(bytes, expected, collector, links).run();
  return collector.finish(stored);
}

/** One reading of a layer from its first byte to its last. */
class LayerPass {
  readonly #bytes: LayerBytes;
  readonly #expected: ExpectedLayer;
  readonly #collector: LayerCollector;
  readonly #links: LinksToRead | undefined;
  #compression: Compression | undefined;
  #storedHash: Hash | undefined;
  #sha512: Hash | undefined;
  #tarHash: Hash | undefined;
  #tar: LayerTar | undefined;
  #inflater: Inflater | undefined;
  #stored = 0;
  #inflated = 0;
  /** Reading goes on after a broken tar: a wrong digest is the better thing to say. */
  #failure: unknown;

  constructor(
    bytes: LayerBytes,
    expected: ExpectedLayer,
    collector: LayerCollector,
    links?: LinksToRead,
  ) {
    this.#bytes = bytes;
    this.#expected = expected;
    this.#collector = collector;
    this.#links = links;
  }

  async run(): Promise<Digests> {
    try {
      if (this.#bytes.kind === 'file') await this.#readFile(this.#bytes);
      else await this.#readStream(this.#bytes.chunks());
      await this.#end();
      return this.#compare();
    } finally {
      this.#inflater?.close();
      this.#tar?.close();
    }
  }

  async #readFile(file: LayerFile): Promise<void> {
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    const length = Math.min(file.length, Math.max(0, fstatSync(file.fd).size - file.offset));
    for (let at = 0; at < length; ) {
      const want = Math.min(READ_BYTES, length - at);
      const got = readSync(file.fd, buffer, 0, want, file.offset + at);
      if (got === 0) break;
      const waiting = this.#take(buffer.subarray(0, got));
      if (waiting !== undefined) await waiting;
      at += got;
    }
  }

  async #readStream(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    // The compression is told by the first bytes, which a network may bring one at a time.
    let first: Buffer | undefined = Buffer.alloc(0);
    for await (const chunk of chunks) {
      const bytes: Buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (first === undefined) {
        await this.#take(bytes);
        continue;
      }
      first = first.length === 0 ? bytes : Buffer.concat([first, bytes]);
      if (first.length < FIRST_BYTES) continue;
      await this.#take(first);
      first = undefined;
    }
    if (first !== undefined && first.length > 0) await this.#take(first);
  }

  /** The first bytes say how the layer is stored, and so which of its digests there are to take. */
  #begin(first: Buffer): void {
    const { digest, diffId, hashing = 'both' } = this.#expected;
    this.#compression = compressionOf(first);
    const isTarOnly = digest === undefined && diffId !== undefined && hashing === 'stated';
    const isStoredOnly = !isTarOnly && hashing === 'stated';
    // A tar as it is has one digest, which is both.
    const isPlain = this.#compression === 'none';
    if (isPlain || !isTarOnly) this.#storedHash = createHash('sha256');
    if (!isPlain && !isStoredOnly) this.#tarHash = createHash('sha256');
    // OCI registers it too (descriptor.md); a layer is known here by its SHA-256 all the same.
    if (digest?.startsWith('sha512:')) this.#sha512 = createHash('sha512');
  }

  /** Hashes and inflates the next stored bytes; a promise only where the slow inflater is used. */
  #take(chunk: Buffer): void | Promise<void> {
    if (this.#compression === undefined) this.#begin(chunk);
    this.#stored += chunk.length;
    this.#storedHash?.update(chunk);
    this.#sha512?.update(chunk);
    if (this.#failure !== undefined) return;
    try {
      const waiting = this.#openInflater().push(chunk);
      if (waiting !== undefined) return waiting.catch((error: unknown) => this.#fail(error));
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
  }

  #openInflater(): Inflater {
    if (this.#inflater !== undefined) return this.#inflater;
    const compression = this.#compression ?? 'none';
    const seekable = this.#seekable(compression);
    this.#tar = new LayerTar(this.#collector, { seekable, links: this.#links });
    const reader = this.#tar.reader;
    this.#inflater = makeInflater(compression, (piece) => {
      this.#inflated += piece.length;
      this.#tarHash?.update(piece);
      this.#boundInflation();
      reader.push(piece);
    });
    return this.#inflater;
  }

  #seekable(compression: Compression): SeekableLayer | undefined {
    const bytes = this.#bytes;
    return compression === 'none' && bytes.kind === 'file' ? bytes : undefined;
  }

  #boundInflation(): void {
    if (this.#inflated <= INFLATED_BYTES_FREE) return;
    const stored = Math.max(this.#stored, this.#expected.size ?? 0);
    if (this.#inflated <= stored * INFLATION_MAX) return;
    const { label } = this.#expected;
    throw tooLarge(`${label} inflates to more than ${INFLATION_MAX} times its size: a bomb.`);
  }

  async #end(): Promise<void> {
    if (this.#compression === undefined) this.#begin(Buffer.alloc(0));
    if (this.#failure !== undefined) return;
    try {
      await this.#inflater?.end();
      this.#tar?.reader.end();
    } catch (error) {
      this.#fail(error);
    }
  }

  #compare(): Digests {
    const { label, size } = this.#expected;
    if (size !== undefined && size !== this.#stored) {
      throw invalid(`${label} has ${this.#stored} bytes, and the manifest says ${size}.`);
    }
    const digest = this.#storedHash && `sha256:${this.#storedHash.digest('hex')}`;
    const sha512 = this.#sha512 && `sha512:${this.#sha512.digest('hex')}`;
    this.#expect(sha512 ?? digest, this.#expected.digest, 'manifest');
    if (this.#failure !== undefined) throw this.#named(this.#failure);
    const tarDigest = this.#tarHash && `sha256:${this.#tarHash.digest('hex')}`;
    const diffId = this.#compression === 'none' ? digest : tarDigest;
    this.#expect(diffId, this.#expected.diffId, "image's config");
    return {
      ...(digest !== undefined && { digest }),
      ...(diffId !== undefined && { diffId }),
      size: this.#stored,
    };
  }

  /** A digest that was not computed is not judged: #begin leaves out none that must be. */
  #expect(actual: string | undefined, expected: string | undefined, who: string): void {
    if (actual === undefined || expected === undefined || actual === expected) return;
    const { label } = this.#expected;
    throw invalid(`${label} has the digest ${actual}, and the ${who} says ${expected}.`, {
      code: 'wrong-digest',
    });
  }

  #named(error: unknown): unknown {
    if (!(error instanceof Failure)) return error;
    const { kind, code, context } = error;
    const message = error.message.startsWith(this.#expected.label)
      ? error.message
      : `${this.#expected.label} cannot be read: ${error.message}`;
    return new Failure(kind, message, { code, context, cause: error });
  }
}
