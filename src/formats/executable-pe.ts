import {
  type ExecutableImage,
  type ExecutableRegion,
  numberReader,
  REGIONS_MAX,
  textUntilNul,
} from './executable-image.ts';
import { type RandomAccess, readExactly, readUpTo } from './random-access.ts';

const COFF_HEADER_BYTES = 24;
const SECTION_HEADER_BYTES = 40;
const FLAG_WRITABLE = 0x80000000;

/**
 * Reads the section table of a Windows executable ("PE Format", Microsoft Learn): an MS-DOS stub
 * whose word at 0x3c points to the signature, the COFF header and the optional header.
 */
export function readPe(file: RandomAccess): ExecutableImage | undefined {
  const stub = readExactly(file, 0, 64);
  if (stub?.toString('latin1', 0, 2) !== 'MZ') return undefined;
  const headerOffset = stub.readUInt32LE(0x3c);
  const header = readExactly(file, headerOffset, COFF_HEADER_BYTES);
  if (header?.toString('latin1', 0, 4) !== 'PE\0\0') return undefined;
  const optionalBytes = header.readUInt16LE(20);
  const optional = readUpTo(file, headerOffset + COFF_HEADER_BYTES, optionalBytes);
  if (optional.length < 32) return undefined;
  const numbers = numberReader(optional, true);
  const wide = numbers.u16(0) === 0x20b;
  const imageBase = wide ? numbers.u64(24) : numbers.u32(28);
  const sections = readSections(file, {
    offset: headerOffset + COFF_HEADER_BYTES + optionalBytes,
    count: Math.min(header.readUInt16LE(6), REGIONS_MAX),
    imageBase: Number.isNaN(imageBase) ? 0 : imageBase,
  });
  return {
    format: 'pe',
    littleEndian: true,
    pointerBytes: wide ? 8 : 4,
    sections,
    segments: sections,
  };
}

function readSections(
  file: RandomAccess,
  table: { readonly offset: number; readonly count: number; readonly imageBase: number },
): ExecutableRegion[] {
  const sections: ExecutableRegion[] = [];
  const bytes = readUpTo(file, table.offset, table.count * SECTION_HEADER_BYTES);
  for (let at = 0; at + SECTION_HEADER_BYTES <= bytes.length; at += SECTION_HEADER_BYTES) {
    const virtualSize = bytes.readUInt32LE(at + 8);
    const rawSize = bytes.readUInt32LE(at + 16);
    const offset = bytes.readUInt32LE(at + 20);
    // The raw size is padded to the file's alignment; the virtual one is what the linker wrote.
    const size = virtualSize === 0 ? rawSize : Math.min(virtualSize, rawSize);
    if (offset + size > file.size) continue;
    sections.push({
      name: textUntilNul(bytes, at, 8),
      offset,
      size,
      address: table.imageBase + bytes.readUInt32LE(at + 12),
      writable: (bytes.readUInt32LE(at + 36) & FLAG_WRITABLE) !== 0,
    });
  }
  return sections;
}
