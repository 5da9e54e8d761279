import { createHash, type Hash as RunningHash } from 'node:crypto';
import { canonicalJson } from '../model/canonical-json.ts';
import { invalid } from '../model/errors.ts';
import { TILE_WIDTH } from '../model/merkle-tiles.ts';
import { encodeBase64 } from './base64.ts';
import type { Checkpoint } from './checkpoint.ts';
import { bundleWidth, formatTilePath, type TileAddress } from './tlog-tiles.ts';

/**
 * A whole log in one file: a plain tar (POSIX.1-1988 ustar) that any tar opens and no other program
 * is needed for. It has one spelling, so that each byte of it can be checked: `checkpoint`; for
 * each bundle `tile/entries/N` and then the tiles it fills, lowest level first; the partial tiles,
 * lowest first; `evidence/sha256/…` by digest; `manifest.json`; two blocks of zeros.
 */
export type ExportSource = {
  readonly checkpoint: Checkpoint;
  /** The signed note of that checkpoint. */
  readonly note: string;
  readonly readBundle: (address: TileAddress) => Promise<Uint8Array>;
  readonly readTile: (address: TileAddress) => Promise<Uint8Array>;
  /** Bulky evidence to bring along, by digest in ascending order, each once. */
  readonly attachments: AsyncIterable<ExportAttachment>;
};

export type ExportAttachment = {
  /** 64 hex digits. */
  readonly sha256: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
};

export const TAR_BLOCK_BYTES = 512;
const EXPORT_FORMAT = 'wharfinger-evidence-export@1';
/** Eleven octal digits. */
const TAR_SIZE_MAX = 8 ** 11 - 1;

/** Counts and sums what goes into an export, for its manifest. */
export class ExportManifest {
  readonly #sum: RunningHash = createHash('sha256');
  #files = 0;
  #bytes = 0;
  #attachments = 0;

  add(name: string, sha256: string, size: number): void {
    this.#sum.update(`${sha256}  ${size}  ${name}\n`);
    this.#files += 1;
    this.#bytes += size;
    if (name.startsWith('evidence/')) this.#attachments += 1;
  }

  /** The manifest's one spelling. Ends the count. */
  finish({ origin, size, root }: Checkpoint): Buffer {
    const manifest = {
      format: EXPORT_FORMAT,
      origin,
      size: size.toString(),
      root: encodeBase64(root),
      files: this.#files,
      bytes: this.#bytes,
      attachments: this.#attachments,
      listing: `sha256:${this.#sum.digest('hex')}`,
    };
    return Buffer.from(`${canonicalJson(manifest)}\n`);
  }
}

/** A ustar header for a regular file, with nothing in it that says who wrote it, or when. */
export function formatTarHeader(name: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 100 || size > TAR_SIZE_MAX) throw invalid('Too long for a tar.');
  const header = Buffer.alloc(TAR_BLOCK_BYTES);
  header.write(name, 0);
  header.write('0000644\x000000000\x000000000\0', 100);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0        0', 136);
  header.write('ustar\x0000', 257);
  header.write('0000000\x000000000\0', 329);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

export function tarPaddingBytes(size: number): number {
  return (TAR_BLOCK_BYTES - (size % TAR_BLOCK_BYTES)) % TAR_BLOCK_BYTES;
}

/** Every tile of a tree of this size, in the order an export has them. */
export function* listExportTiles(size: bigint): Generator<TileAddress> {
  for (let index = 0n; bundleWidth(size, index) > 0; index += 1n) {
    const width = bundleWidth(size, index);
    yield { level: 'entries', index, width };
    if (width < TILE_WIDTH) break;
    for (let level = 0, at = index; ; level += 1, at >>= 8n) {
      yield { level, index: at, width: TILE_WIDTH };
      if ((at & 0xffn) !== 0xffn) break;
    }
  }
  for (let level = 0; size >> BigInt(8 * level) > 0n; level += 1) {
    const width = Number((size >> BigInt(8 * level)) & 0xffn);
    if (width > 0) yield { level, index: size >> BigInt(8 * (level + 1)), width };
  }
}

/** Streams an export; holds one bundle at a time. */
export async function* writeEvidenceExport(source: ExportSource): AsyncGenerator<Uint8Array> {
  const manifest = new ExportManifest();
  const note = Buffer.from(source.note);
  manifest.add('checkpoint', sha256Hex(note), note.length);
  yield* tarFile('checkpoint', note);
  for (const address of listExportTiles(source.checkpoint.size)) {
    const read = address.level === 'entries' ? source.readBundle : source.readTile;
    const bytes = await read(address);
    const name = formatTilePath(address);
    manifest.add(name, sha256Hex(bytes), bytes.length);
    yield* tarFile(name, bytes);
  }
  for await (const attachment of source.attachments) yield* writeAttachment(attachment, manifest);
  yield* tarFile('manifest.json', manifest.finish(source.checkpoint));
  yield Buffer.alloc(2 * TAR_BLOCK_BYTES);
}

async function* writeAttachment(
  { sha256, size, content }: ExportAttachment,
  manifest: ExportManifest,
): AsyncGenerator<Uint8Array> {
  const name = `evidence/sha256/${sha256}`;
  yield formatTarHeader(name, size);
  let written = 0;
  for await (const chunk of content) {
    written += chunk.length;
    yield chunk;
  }
  // The header is out already, so a length that does not fit would shift all that follows.
  if (written !== size) throw invalid(`The evidence ${sha256} has ${written} bytes, not ${size}.`);
  yield Buffer.alloc(tarPaddingBytes(size));
  manifest.add(name, sha256, size);
}

function* tarFile(name: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield formatTarHeader(name, bytes.length);
  yield bytes;
  yield Buffer.alloc(tarPaddingBytes(bytes.length));
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
