import { crc32, inflateRawSync } from 'node:zlib';
import { invalid, tooLarge } from '../model/errors.ts';
import { type RandomAccess, readExactly, readUpTo, sliceOf } from './random-access.ts';

export type ZipEntry = {
  /** As stored, with forward slashes; never to be used as a path on disk. */
  readonly name: string;
  readonly size: number;
  readonly compressedSize: number;
  /** 0 stored, 8 deflated; others are not read. */
  readonly method: number;
  readonly crc: number;
  readonly isEncrypted: boolean;
  /** Where its local header lies in the file, prefix bytes counted in. */
  readonly headerOffset: number;
};

/** Largest archives in use hold some 150,000 entries. */
const ENTRIES_MAX = 250_000;
const DIRECTORY_BYTES_MAX = 64 * 1024 * 1024;
const NAME_BYTES_MAX = 4096;
const END_BYTES = 22;
const END_SEARCH_BYTES = END_BYTES + 0xffff;
const ENTRY_BYTES = 46;
const LOCAL_HEADER_BYTES = 30;
/** Deflate cannot do better (zlib's own technical notes), so more is a lie. */
const RATIO_MAX = 1040;
const UNKNOWN_32 = 0xffffffff;
const UNKNOWN_16 = 0xffff;

/**
 * Reads the central directory of a zip file (PKWARE APPNOTE 6.3.10): zip64, sizes that follow the
 * data, and bytes before the archive, as executable jars have them. Throws `invalid` for one that
 * is none, is cut off or whose entries overlap.
 */
export function readZipDirectory(file: RandomAccess): readonly ZipEntry[] {
  const end = findEnd(file);
  if (end.count > ENTRIES_MAX || end.size > DIRECTORY_BYTES_MAX) {
    throw tooLarge('The zip directory is larger than any real one.');
  }
  const start = end.at - end.size;
  if (start < end.offset) throw invalid('The zip directory lies outside the file.');
  const directory = readExactly(file, start, end.size);
  if (directory === undefined) throw invalid('The zip directory is cut off.');
  const entries = readEntries(directory, { count: end.count, prefixBytes: start - end.offset });
  refuseOverlaps(entries, start);
  return entries;
}

/** Where the directory is: its end and size, and where the archive says it starts. */
type DirectoryEnd = {
  readonly at: number;
  readonly size: number;
  readonly offset: number;
  readonly count: number;
};

function findEnd(file: RandomAccess): DirectoryEnd {
  const tailOffset = Math.max(0, file.size - END_SEARCH_BYTES);
  const tail = readUpTo(file, tailOffset, END_SEARCH_BYTES);
  let at = tail.lastIndexOf('PK\x05\x06', tail.length - END_BYTES, 'latin1');
  // The signature may also stand in a comment: the record must reach exactly to the file's end.
  for (let tries = 0; at >= 0 && tries < 64; tries += 1) {
    if (at + END_BYTES + tail.readUInt16LE(at + 20) === tail.length) break;
    at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1, 'latin1');
  }
  if (at < 0) throw invalid('This is not a zip file, or its end is cut off.');
  const plain = {
    at: tailOffset + at,
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const isWide =
    plain.count === UNKNOWN_16 || plain.size === UNKNOWN_32 || plain.offset === UNKNOWN_32;
  return isWide ? (findWideEnd(file, plain.at) ?? plain) : plain;
}

function findWideEnd(file: RandomAccess, endAt: number): DirectoryEnd | undefined {
  const locator = readExactly(file, endAt - 20, 20);
  if (locator?.toString('latin1', 0, 4) !== 'PK\x06\x07') return undefined;
  // The stated offset does not count prefix bytes; the record, of fixed size in practice, is
  // then found right before its locator.
  for (const at of [Number(locator.readBigUInt64LE(8)), endAt - 20 - 56]) {
    const record = readExactly(file, at, 56);
    if (record?.toString('latin1', 0, 4) !== 'PK\x06\x06') continue;
    return {
      at,
      count: Number(record.readBigUInt64LE(32)),
      size: Number(record.readBigUInt64LE(40)),
      offset: Number(record.readBigUInt64LE(48)),
    };
  }
  return undefined;
}

function readEntries(
  directory: Buffer,
  options: { readonly count: number; readonly prefixBytes: number },
): ZipEntry[] {
  const entries: ZipEntry[] = [];
  let at = 0;
  while (entries.length < options.count) {
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== 0x02014b50) {
      throw invalid(`Entry ${entries.length + 1} of the zip directory is cut off.`);
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const extraBytes = directory.readUInt16LE(at + 30);
    const nameEnd = at + ENTRY_BYTES + nameBytes;
    const next = nameEnd + extraBytes + directory.readUInt16LE(at + 32);
    if (next > directory.length) {
      throw invalid(`Entry ${entries.length + 1} of the zip directory is cut off.`);
    }
    const flags = directory.readUInt16LE(at + 8);
    const wide = readWideFields(directory, { at, extra: nameEnd, extraEnd: nameEnd + extraBytes });
    entries.push({
      name: directory
        .toString('utf8', at + ENTRY_BYTES, Math.min(nameEnd, at + ENTRY_BYTES + NAME_BYTES_MAX))
        .replaceAll('\\', '/'),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      isEncrypted: (flags & 1) !== 0,
      size: wide.size,
      compressedSize: wide.compressedSize,
      headerOffset: wide.headerOffset + options.prefixBytes,
    });
    at = next;
  }
  return entries;
}

type WideFields = Pick<ZipEntry, 'size' | 'compressedSize' | 'headerOffset'>;

/** Sizes and offset, from the zip64 field (APPNOTE 4.5.3) where the 32-bit ones are all ones. */
function readWideFields(
  directory: Buffer,
  where: { readonly at: number; readonly extra: number; readonly extraEnd: number },
): WideFields {
  const stated = [
    directory.readUInt32LE(where.at + 24),
    directory.readUInt32LE(where.at + 20),
    directory.readUInt32LE(where.at + 42),
  ];
  if (stated.includes(UNKNOWN_32)) {
    for (let at = where.extra; at + 4 <= where.extraEnd; ) {
      const fieldEnd = at + 4 + directory.readUInt16LE(at + 2);
      if (directory.readUInt16LE(at) === 1 && fieldEnd <= where.extraEnd) {
        let value = at + 4;
        for (const [index, number] of stated.entries()) {
          if (number !== UNKNOWN_32 || value + 8 > fieldEnd) continue;
          stated[index] = Number(directory.readBigUInt64LE(value));
          value += 8;
        }
        break;
      }
      at = fieldEnd;
    }
  }
  const [size = 0, compressedSize = 0, headerOffset = 0] = stated;
  return { size, compressedSize, headerOffset };
}

/** Entries that share bytes make small files unpack to petabytes (D. Fifield, 2019). */
function refuseOverlaps(entries: readonly ZipEntry[], directoryStart: number): void {
  const ordered = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  for (const [index, entry] of ordered.entries()) {
    const end = entry.headerOffset + LOCAL_HEADER_BYTES + entry.compressedSize;
    const limit = ordered[index + 1]?.headerOffset ?? directoryStart;
    if (!(end <= limit)) throw invalid('Entries of the zip file overlap.');
  }
}

/** The bytes of a stored entry as a file of its own; undefined for one that is compressed. */
export function storedZipEntry(file: RandomAccess, entry: ZipEntry): RandomAccess | undefined {
  if (entry.method !== 0 || entry.isEncrypted || entry.size !== entry.compressedSize) {
    return undefined;
  }
  return sliceOf(file, dataOffsetOf(file, entry), entry.size);
}

/** Unpacks one entry of at most `bytesMax` bytes; its checksum must match. */
export function readZipEntry(file: RandomAccess, entry: ZipEntry, bytesMax: number): Buffer {
  const { size, compressedSize } = entry;
  if (entry.isEncrypted) throw invalid('The zip entry is encrypted.');
  if (size > bytesMax) throw tooLarge(`The zip entry is over ${bytesMax} bytes.`);
  if (size > 1024 && size > compressedSize * RATIO_MAX) {
    throw invalid('The zip entry states a size it cannot unpack to.');
  }
  if (entry.method !== 0 && entry.method !== 8) {
    throw invalid(`The zip entry is compressed by method ${entry.method}, which is not read.`);
  }
  // A compressed entry cannot be much longer than what it unpacks to.
  if (compressedSize > size + size / 8 + 1024) throw invalid('The zip entry lies about its size.');
  const packed = readExactly(file, dataOffsetOf(file, entry), compressedSize);
  if (packed === undefined) throw invalid('The zip entry is cut off.');
  const bytes = entry.method === 0 ? packed : inflate(packed, size);
  if (bytes.length !== size) throw invalid('The zip entry lies about its size.');
  if (crc32(bytes) !== entry.crc) throw invalid('The checksum of the zip entry does not match.');
  return bytes;
}

function inflate(packed: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (cause) {
    throw invalid('The zip entry cannot be unpacked.', { cause });
  }
}

function dataOffsetOf(file: RandomAccess, entry: ZipEntry): number {
  const header = readExactly(file, entry.headerOffset, LOCAL_HEADER_BYTES);
  if (header?.readUInt32LE(0) !== 0x04034b50) throw invalid('The zip entry has no header.');
  const after = LOCAL_HEADER_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  return entry.headerOffset + after;
}
