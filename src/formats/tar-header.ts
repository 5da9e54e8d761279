import { Buffer } from 'node:buffer';
import { invalid } from '../model/errors.ts';

/** Bytes of a tar block (POSIX.1-1988 ustar, "Physical record"). */
export const BLOCK = 512;

/** GNU tar's `TYPEFLAG` letters (tar(5)), as this reader tells them apart. */
export type EntryKind = 'file' | 'link' | 'symlink' | 'folder' | 'device' | 'other';

/** One contiguous run of a sparse file's data. */
export type SparseRun = { readonly offset: number; readonly length: number };

/** The fields of one 512-byte header, before pax records and GNU long names are applied. */
export type RawHeader = {
  readonly name: Buffer;
  readonly linkName: Buffer;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  /** Old GNU format only (`S`). */
  readonly sparse?: {
    readonly runs: SparseRun[];
    readonly realSize: number;
    readonly more: boolean;
  };
};

const CHECKSUM_AT = 148;
const CHECKSUM_BYTES = 8;
const SPACE = 0x20;

/**
 * A number field: octal digits padded by spaces and NULs, or base-256 with the top bit of the first
 * byte set (GNU tar, star). Negative and over 2^53 is refused: no layer has such a file.
 */
export function parseNumber(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if ((first & 0x80) !== 0) return parseBase256(block, start, length);
  let value = 0;
  let at = start;
  const end = start + length;
  while (at < end && block[at] === SPACE) at++;
  for (; at < end; at++) {
    const byte = block[at] ?? 0;
    if (byte === 0 || byte === SPACE) break;
    if (byte < 0x30 || byte > 0x37) throw invalid('A tar header has a number that is not octal.');
    value = value * 8 + (byte - 0x30);
  }
  return value;
}

function parseBase256(block: Buffer, start: number, length: number): number {
  const first = block[start] ?? 0;
  if (first === 0xff) throw invalid('A tar header has a negative number.');
  let value = first & 0x7f;
  for (let at = start + 1; at < start + length; at++) {
    value = value * 256 + (block[at] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) throw invalid('A tar header has a number over 2^53.');
  }
  return value;
}

/** The bytes of a text field up to its first NUL. */
function field(block: Buffer, start: number, length: number): Buffer {
  const end = block.indexOf(0, start);
  return block.subarray(start, end === -1 || end > start + length ? start + length : end);
}

export function isZeroBlock(block: Buffer): boolean {
  // The name comes first and is almost never empty, so this ends at the first byte.
  for (let at = 0; at < BLOCK; at++) if (block[at] !== 0) return false;
  return true;
}

/**
 * Checks the sum of all bytes with the checksum field read as spaces. Some old tars summed signed
 * bytes, so both sums pass.
 */
export function hasValidChecksum(block: Buffer): boolean {
  const stated = parseNumber(block, CHECKSUM_AT, CHECKSUM_BYTES);
  let sum = sumOfBytes(block);
  for (let at = CHECKSUM_AT; at < CHECKSUM_AT + CHECKSUM_BYTES; at++) {
    sum += SPACE - (block[at] ?? 0);
  }
  return sum === stated || signedSum(block) === stated;
}

/** Four bytes at a time: this runs for every header of every layer, and a byte loop shows. */
function sumOfBytes(block: Buffer): number {
  if ((block.byteOffset & 3) !== 0) {
    let sum = 0;
    for (let at = 0; at < BLOCK; at++) sum += block[at] ?? 0;
    return sum;
  }
  const words = new Uint32Array(block.buffer, block.byteOffset, BLOCK / 4);
  let pairs = 0;
  for (let at = 0; at < BLOCK / 4; at++) {
    const word = words[at] as number;
    // Two 16-bit lanes; 128 words of 2 × 255 each stay below 65,536 a lane.
    pairs += (word & 0x00ff00ff) + ((word >>> 8) & 0x00ff00ff);
  }
  return (pairs & 0xffff) + (pairs >>> 16);
}

function signedSum(block: Buffer): number {
  let sum = 0;
  for (let at = 0; at < BLOCK; at++) {
    const inChecksum = at >= CHECKSUM_AT && at < CHECKSUM_AT + CHECKSUM_BYTES;
    const byte = inChecksum ? SPACE : (block[at] ?? 0);
    sum += byte < 128 ? byte : byte - 256;
  }
  return sum;
}

/** Reads one header block; the caller has checked that it is not all zeros. */
export function parseHeader(block: Buffer): RawHeader {
  if (!hasValidChecksum(block)) throw invalid('A tar header has a wrong checksum.');
  const type = String.fromCharCode(block[156] ?? 0);
  const isUstar = block.toString('latin1', 257, 262) === 'ustar';
  const isGnu = isUstar && block[262] === SPACE;
  let name = field(block, 0, 100);
  if (isUstar && !isGnu && block[345] !== 0) {
    name = Buffer.concat([field(block, 345, 155), Buffer.from('/'), name]);
  }
  const header = {
    name,
    linkName: field(block, 157, 100),
    type,
    mode: parseNumber(block, 100, 8),
    size: parseNumber(block, 124, 12),
  };
  if (type !== 'S') return header;
  const runs: SparseRun[] = [];
  readSparseRuns(block, 386, 4, runs);
  const sparse = { runs, realSize: parseNumber(block, 483, 12), more: block[482] !== 0 };
  return { ...header, sparse };
}

/** Appends the runs of an old-GNU sparse table; true when another block of 21 follows. */
export function readSparseExtension(block: Buffer, runs: SparseRun[]): boolean {
  readSparseRuns(block, 0, 21, runs);
  return block[504] !== 0;
}

function readSparseRuns(block: Buffer, start: number, count: number, runs: SparseRun[]): void {
  for (let index = 0; index < count; index++) {
    const at = start + index * 24;
    if (block[at] === 0 && block[at + 12] === 0) return;
    runs.push({ offset: parseNumber(block, at, 12), length: parseNumber(block, at + 12, 12) });
  }
}

/** What a type letter means for a catalogue. Contiguous (`7`) and unknown letters are files. */
export function kindOf(type: string): EntryKind {
  switch (type) {
    case '1':
      return 'link';
    case '2':
      return 'symlink';
    case '5':
      return 'folder';
    case '3':
    case '4':
    case '6':
      return 'device';
    case '0':
    case '\0':
    case '7':
    case 'S':
      return 'file';
    default:
      return 'other';
  }
}
