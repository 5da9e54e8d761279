import { Buffer } from 'node:buffer';
import { type TarEntry, type TarHandler, TarReader } from '../formats/tar-reader.ts';
import { BodyCapture } from './body-capture.ts';
import { type Cataloguer, HEAD_BYTES } from './cataloguer.ts';
import { memoryView, rangeView } from './file-view.ts';
import type { FileFacts, LayerCollector } from './layer-collector.ts';

/** An uncompressed layer in an open file: bodies are read from there when a parser asks. */
export type SeekableLayer = { readonly fd: number; readonly offset: number };

/** Which hard links of a second pass to read: target → the links' own paths. */
export type LinksToRead = ReadonlyMap<string, readonly string[]>;

/**
 * Reads the tar of one layer into a collector. With `links` it reads only the bodies of those
 * targets, under the names of the links, and records nothing else.
 */
export class LayerTar implements TarHandler {
  readonly reader: TarReader;
  readonly #collector: LayerCollector;
  readonly #seekable: SeekableLayer | undefined;
  readonly #links: LinksToRead | undefined;
  readonly #capture = new BodyCapture();
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headFilled = 0;
  #entry: TarEntry | undefined;
  #facts: FileFacts = { path: '', size: 0, mode: 0 };
  #wanted: readonly Cataloguer[] = [];
  #takers: readonly Cataloguer[] | undefined;

  constructor(
    collector: LayerCollector,
    options: { seekable?: SeekableLayer | undefined; links?: LinksToRead | undefined } = {},
  ) {
    this.#collector = collector;
    this.#seekable = options.seekable;
    this.#links = options.links;
    this.reader = new TarReader({
      entry: (entry) => this.entry(entry),
      body: (piece, offset) => this.body(piece, offset),
      bodyEnd: () => this.bodyEnd(),
    });
  }

  close(): void {
    this.#capture.close();
  }

  entry(entry: TarEntry): boolean {
    const { path, kind } = entry;
    if (path === undefined) {
      if (this.#links === undefined) this.#refusePath(entry);
      return false;
    }
    if (this.#links !== undefined) {
      return kind === 'file' && this.#links.has(path) && this.#beginFile(entry, path);
    }
    if (kind === 'other' || !this.#collector.begin(path, kind === 'folder')) return false;
    if (kind === 'file') return this.#beginFile(entry, path);
    if (kind === 'symlink') this.#collector.symlink(path, entry.linkPath);
    else if (kind === 'link') this.#collector.hardLink(path, entry.linkPath, entry.mode);
    return false;
  }

  #refusePath({ rawPath }: TarEntry): void {
    const shown = rawPath.slice(0, 200);
    this.#collector.problem(shown, 'This path leaves the image or is too long: it was left out.');
  }

  #beginFile(entry: TarEntry, path: string): boolean {
    // Nothing shorter has a magic number or states a package.
    if (entry.size < 2) return false;
    this.#entry = entry;
    this.#facts = { path, size: entry.size, mode: entry.mode };
    this.#wanted = this.#collector.wantedByPath(this.#facts);
    this.#takers = undefined;
    this.#headFilled = 0;
    return true;
  }

  body(piece: Buffer, offset: number): boolean {
    if (this.#takers !== undefined) {
      this.#capture.write(piece, offset);
      return true;
    }
    const { size } = this.#facts;
    const headLength = Math.min(HEAD_BYTES, size);
    if (this.#headFilled === 0 && offset === 0 && piece.length >= headLength) {
      return this.#decide(piece.subarray(0, headLength), piece, 0);
    }
    return this.#gatherHead(piece, offset, headLength);
  }

  /** The first bytes are split between pieces, or begin with a hole. */
  #gatherHead(piece: Buffer, offset: number, headLength: number): boolean {
    if (this.#headFilled === 0) this.#head.fill(0);
    if (offset < headLength) piece.copy(this.#head, offset, 0, headLength - offset);
    this.#headFilled = Math.max(this.#headFilled, Math.min(headLength, offset + piece.length));
    if (this.#headFilled < headLength) return true;
    const head = this.#head.subarray(0, headLength);
    if (!this.#decide(head, head, 0)) return false;
    // What lay before this piece is in the head; only a hole can be between.
    this.#capture.write(piece, offset);
    return true;
  }

  #decide(head: Buffer, piece: Buffer, offset: number): boolean {
    const takers = this.#collectorTakers(head);
    if (takers.length === 0) return false;
    const entry = this.#entry;
    if (this.#seekable !== undefined && entry?.isSparse !== true) {
      const start = this.#seekable.offset + this.reader.bodyPosition;
      const from = { fd: this.#seekable.fd, offset: start };
      this.#parse(takers, (facts) => rangeView(facts, from, this.#capture.views));
      return false;
    }
    if (piece.length === this.#facts.size) {
      this.#parse(takers, (facts) => memoryView(facts, piece));
      return false;
    }
    this.#takers = takers;
    this.#capture.begin(this.#facts, entry?.isSparse === true);
    this.#capture.write(piece, offset);
    return true;
  }

  #collectorTakers(head: Buffer): readonly Cataloguer[] {
    const links = this.#links?.get(this.#facts.path);
    if (links === undefined) return this.#collector.inspect(this.#facts, head, this.#wanted);
    // A link's own name decides who wants it; all are asked with the target's size.
    const { size, mode } = this.#facts;
    const wanting = links.flatMap((path) => this.#collector.wantedByPath({ path, size, mode }));
    return [...new Set(wanting)].filter(({ bytesMax }) => size <= bytesMax);
  }

  bodyEnd(): void {
    if (this.#takers === undefined) {
      // All of a file that is one hole from its first byte: nothing to see.
      return;
    }
    const view = this.#capture.view();
    this.#parse(this.#takers, (facts) => ({ ...view, path: facts.path }));
    this.#takers = undefined;
  }

  #parse(
    takers: readonly Cataloguer[],
    viewOf: (facts: FileFacts) => ReturnType<typeof memoryView>,
  ) {
    const links = this.#links?.get(this.#facts.path);
    if (links === undefined) {
      this.#collector.parse(viewOf(this.#facts), takers);
      return;
    }
    for (const path of links) {
      const facts = { ...this.#facts, path };
      const wanting = takers.filter(({ wants }) => wants?.(path, facts.size) === true);
      this.#collector.parse(viewOf(facts), wanting);
    }
  }
}
