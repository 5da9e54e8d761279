import { Buffer } from 'node:buffer';
import { invalid, tooLarge } from '../model/errors.ts';
import {
  BLOCK,
  type EntryKind,
  isZeroBlock,
  kindOf,
  parseHeader,
  type RawHeader,
  readSparseExtension,
  type SparseRun,
} from './tar-header.ts';
import { entryPath } from './tar-path.ts';
import { type PaxRecords, parsePax, SPARSE_RUNS_MAX } from './tar-pax.ts';
import { SparseBody, SparseTable } from './tar-sparse.ts';

/** One entry of a layer, with pax records and GNU long names applied. */
export type TarEntry = {
  /**
   * Below the root, no leading slash, '' for the root itself. Undefined when it leaves the root.
   */
  readonly path: string | undefined;
  /** As the archive has it, for messages. */
  readonly rawPath: string;
  readonly kind: EntryKind;
  readonly mode: number;
  /** Logical size: a sparse file's holes count. */
  readonly size: number;
  /** As the archive has it; only links have one. */
  readonly linkPath: string;
  readonly isSparse: boolean;
};

export type TarHandler = {
  /** True when the body is wanted: then `body` follows with all of its data, then `bodyEnd`. */
  readonly entry: (entry: TarEntry) => boolean;
  /**
   * A piece of the body at a logical offset, valid during the call; what is left out is zeros.
   * False says that the rest is not wanted: then no `bodyEnd` follows.
   */
  readonly body: (piece: Buffer, offset: number) => boolean;
  readonly bodyEnd: () => void;
};

/** Bounds what one pax header or long name may hold, as Go's archive/tar does. */
const SPECIAL_BYTES_MAX = 1024 * 1024;
export const ENTRIES_MAX = 5_000_000;

type Step = 'header' | 'special' | 'sparse-table' | 'sparse-map' | 'body' | 'skip' | 'done';

/**
 * A tar reader that is pushed bytes: ustar, pax, old GNU (long names, sparse files of all four
 * formats), in constant memory. Wrong checksums, truncation and impossible numbers throw `invalid`.
 */
export class TarReader {
  readonly #handler: TarHandler;
  #step: Step = 'header';
  /** Bytes of the current body still to come, and of the padding after it. */
  #remaining = 0;
  #padding = 0;
  #offset = 0;
  #entries = 0;
  #zeroBlocks = 0;
  /** Bytes of the archive before the chunk at hand, and up to the end of the block at hand. */
  #base = 0;
  #position = 0;
  readonly #carry = Buffer.alloc(BLOCK);
  #carried = 0;
  #special: { readonly type: string; readonly bytes: Buffer; filled: number } | undefined;
  #pax: PaxRecords | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;
  #pending: { readonly header: RawHeader; readonly entry: TarEntry } | undefined;
  #runs: SparseRun[] | undefined;
  #sparse: SparseBody | undefined;
  #sparseTable: SparseTable | undefined;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  get entries(): number {
    return this.#entries;
  }

  /** Where in the archive the body of the entry being offered begins. */
  get bodyPosition(): number {
    return this.#position;
  }

  /** Bytes that come next and that nobody wants: a seekable source may leave them out. */
  skippable(): number {
    if (this.#step === 'done') return Number.POSITIVE_INFINITY;
    return this.#step === 'skip' ? this.#remaining : 0;
  }

  /** Says that `count` bytes, at most `skippable()`, were left out. */
  skip(count: number): void {
    this.#base += count;
    this.#skipped(count);
  }

  #skipped(count: number): void {
    if (this.#step === 'done') return;
    this.#remaining -= count;
    if (this.#remaining === 0) this.#step = 'header';
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      switch (this.#step) {
        case 'done':
          at = chunk.length;
          break;
        case 'skip': {
          const take = Math.min(this.#remaining, chunk.length - at);
          at += take;
          this.#skipped(take);
          break;
        }
        case 'body':
          at = this.#pushBody(chunk, at);
          break;
        case 'special':
          at = this.#pushSpecial(chunk, at);
          break;
        default:
          at = this.#pushBlock(chunk, at);
      }
    }
    this.#base += chunk.length;
  }

  /** The archive ended here. An end inside an entry is an error; a missing end mark is not. */
  end(): void {
    if (this.#step === 'done') return;
    if (this.#step !== 'header' || this.#carried > 0) {
      throw invalid('The tar archive is truncated.');
    }
  }

  #pushBlock(chunk: Buffer, start: number): number {
    if (this.#carried === 0 && chunk.length - start >= BLOCK) {
      this.#position = this.#base + start + BLOCK;
      this.#block(chunk.subarray(start, start + BLOCK));
      return start + BLOCK;
    }
    const take = Math.min(BLOCK - this.#carried, chunk.length - start);
    chunk.copy(this.#carry, this.#carried, start, start + take);
    this.#carried += take;
    if (this.#carried === BLOCK) {
      this.#carried = 0;
      this.#position = this.#base + start + take;
      this.#block(this.#carry);
    }
    return start + take;
  }

  #block(block: Buffer): void {
    if (this.#step === 'sparse-table') this.#sparseTableBlock(block);
    else if (this.#step === 'sparse-map') this.#sparseMapBlock(block);
    else this.#headerBlock(block);
  }

  #headerBlock(block: Buffer): void {
    if (block[0] === 0 && isZeroBlock(block)) {
      this.#zeroBlocks++;
      if (this.#zeroBlocks === 2) this.#step = 'done';
      return;
    }
    if (this.#zeroBlocks > 0) throw invalid('A tar archive goes on after a lone block of zeros.');
    const header = parseHeader(block);
    if (++this.#entries > ENTRIES_MAX) {
      throw tooLarge(`A layer has more than ${ENTRIES_MAX} entries.`);
    }
    if ('xgLK'.includes(header.type)) this.#beginSpecial(header);
    else this.#beginEntry(header);
  }

  #beginSpecial(header: RawHeader): void {
    if (header.size > SPECIAL_BYTES_MAX) throw tooLarge('A tar header extension is over 1 MiB.');
    this.#special = { type: header.type, bytes: Buffer.alloc(header.size), filled: 0 };
    this.#remaining = padded(header.size);
    if (this.#remaining > 0) this.#step = 'special';
    else this.#endSpecial();
  }

  #pushSpecial(chunk: Buffer, start: number): number {
    const special = this.#special;
    const take = Math.min(this.#remaining, chunk.length - start);
    if (special !== undefined && special.filled < special.bytes.length) {
      special.filled += chunk.copy(special.bytes, special.filled, start, start + take);
    }
    this.#remaining -= take;
    if (this.#remaining === 0) this.#endSpecial();
    return start + take;
  }

  #endSpecial(): void {
    this.#step = 'header';
    const special = this.#special;
    this.#special = undefined;
    if (special === undefined) return;
    if (special.type === 'x') this.#pax = parsePax(special.bytes);
    else if (special.type === 'L') this.#longName = untilNul(special.bytes);
    else if (special.type === 'K') this.#longLink = untilNul(special.bytes);
    // Global headers ('g') name no file; git writes its commit there.
  }

  #beginEntry(header: RawHeader): void {
    const pax = this.#pax ?? {};
    const runs = pax.sparseRuns ?? header.sparse?.runs;
    const isSparse = header.sparse !== undefined || pax.sparseSize !== undefined;
    const kind = kindOf(header.type);
    // A trailing slash makes a folder of a file in archives from before ustar.
    const rawPath = pax.sparseName ?? pax.path ?? this.#longName ?? header.name.toString();
    const isOldFolder = kind === 'file' && rawPath.endsWith('/');
    const stored = pax.size ?? header.size;
    const isFile = kind === 'file' && !isOldFolder;
    const entry: TarEntry = {
      path: entryPath(rawPath),
      rawPath,
      kind: isOldFolder ? 'folder' : kind,
      mode: header.mode,
      size: isFile ? (pax.sparseSize ?? header.sparse?.realSize ?? stored) : 0,
      linkPath: pax.linkPath ?? this.#longLink ?? header.linkName.toString(),
      isSparse,
    };
    this.#pax = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    // Links, folders and devices have no body, whatever their size field says (as in Go's reader).
    const hasBody = kind === 'file' || kind === 'other';
    this.#setBody(hasBody ? stored : 0);
    this.#runs = isSparse ? (runs ?? []) : undefined;
    this.#pending = { header, entry };
    if (header.sparse?.more === true) this.#step = 'sparse-table';
    else if (pax.sparseInData === true && isFile) this.#step = 'sparse-map';
    else this.#offerEntry();
  }

  #setBody(size: number): void {
    if (size > Number.MAX_SAFE_INTEGER - BLOCK) throw invalid('A tar entry has an absurd size.');
    this.#remaining = size;
    this.#padding = padded(size) - size;
    this.#offset = 0;
  }

  #sparseTableBlock(block: Buffer): void {
    const runs = this.#runs ?? [];
    const more = readSparseExtension(block, runs);
    if (runs.length > SPARSE_RUNS_MAX) throw tooLarge('A sparse file has too many runs.');
    if (!more) this.#offerEntry();
  }

  #sparseMapBlock(block: Buffer): void {
    if (this.#remaining < BLOCK) throw invalid('A sparse file ends inside its table of runs.');
    this.#remaining -= BLOCK;
    this.#sparseTable ??= new SparseTable();
    if (!this.#sparseTable.push(block)) return;
    this.#runs = this.#sparseTable.runs();
    this.#sparseTable = undefined;
    this.#offerEntry();
  }

  #offerEntry(): void {
    const entry = this.#pending?.entry;
    this.#pending = undefined;
    if (entry === undefined) return;
    if (this.#runs !== undefined) this.#sparse = new SparseBody(this.#runs, entry.size);
    this.#runs = undefined;
    const isWanted = this.#handler.entry(entry);
    if (isWanted && this.#remaining > 0) {
      this.#step = 'body';
      return;
    }
    if (isWanted) this.#handler.bodyEnd();
    this.#skipRest();
  }

  #skipRest(): void {
    this.#sparse = undefined;
    this.#remaining += this.#padding;
    this.#padding = 0;
    this.#step = this.#remaining > 0 ? 'skip' : 'header';
  }

  #pushBody(chunk: Buffer, start: number): number {
    const take = Math.min(this.#remaining, chunk.length - start);
    const piece = chunk.subarray(start, start + take);
    const goesOn =
      this.#sparse === undefined
        ? this.#handler.body(piece, this.#offset)
        : this.#sparse.deliver(piece, this.#handler.body);
    this.#offset += take;
    this.#remaining -= take;
    if (!goesOn) {
      this.#skipRest();
    } else if (this.#remaining === 0) {
      this.#handler.bodyEnd();
      this.#skipRest();
    }
    return start + take;
  }
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function untilNul(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end);
}
