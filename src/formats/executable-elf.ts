import {
  type ExecutableImage,
  type ExecutableRegion,
  type NumberReader,
  numberReader,
  REGIONS_MAX,
  textUntilNul,
} from './executable-image.ts';
import { type RandomAccess, readExactly, readUpTo } from './random-access.ts';

const SECTION_NAMES_BYTES_MAX = 1024 * 1024;
const SECTION_NAME_LENGTH_MAX = 256;
const SECTION_WITHOUT_BYTES = 8; // SHT_NOBITS
const SEGMENT_LOADED = 1; // PT_LOAD
const FLAG_SECTION_WRITABLE = 1; // SHF_WRITE
const FLAG_SEGMENT_WRITABLE = 2; // PF_W

type Layout = {
  readonly wide: boolean;
  readonly littleEndian: boolean;
  /** A field of the machine's word size. */
  readonly word: (numbers: NumberReader, at: number) => number;
};

/**
 * Reads the section and program header tables of an ELF file (elf(5), System V ABI chapters 4 and
 * 5), 32 and 64 bits, both byte orders. Undefined when the header is not one; a table that lies is
 * read as far as the file holds it.
 */
export function readElf(file: RandomAccess): ExecutableImage | undefined {
  const identification = readExactly(file, 0, 16);
  if (identification?.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const [elfClass, order] = [identification[4], identification[5]];
  if ((elfClass !== 1 && elfClass !== 2) || (order !== 1 && order !== 2)) return undefined;
  const layout = layoutOf(elfClass === 2, order === 1);
  const header = readExactly(file, 0, layout.wide ? 64 : 52);
  if (header === undefined) return undefined;
  const numbers = numberReader(header, layout.littleEndian);
  return {
    format: 'elf',
    littleEndian: layout.littleEndian,
    pointerBytes: layout.wide ? 8 : 4,
    sections: readSections(file, layout, {
      offset: layout.word(numbers, layout.wide ? 40 : 32),
      entryBytes: numbers.u16(layout.wide ? 58 : 46),
      count: numbers.u16(layout.wide ? 60 : 48),
      nameSection: numbers.u16(layout.wide ? 62 : 50),
    }),
    segments: readSegments(file, layout, {
      offset: layout.word(numbers, layout.wide ? 32 : 28),
      entryBytes: numbers.u16(layout.wide ? 54 : 42),
      count: numbers.u16(layout.wide ? 56 : 44),
    }),
  };
}

function layoutOf(wide: boolean, littleEndian: boolean): Layout {
  return {
    wide,
    littleEndian,
    word: wide ? (numbers, at) => numbers.u64(at) : (numbers, at) => numbers.u32(at),
  };
}

type Table = { readonly offset: number; readonly entryBytes: number; readonly count: number };
type SectionHeader = {
  readonly nameOffset: number;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
};

function readSections(
  file: RandomAccess,
  layout: Layout,
  table: Table & { readonly nameSection: number },
): ExecutableRegion[] {
  if (table.offset === 0 || table.entryBytes < (layout.wide ? 64 : 40)) return [];
  const first = readSectionHeaders(file, layout, { ...table, count: 1 })[0];
  if (first === undefined) return [];
  // With 0xff00 sections and more, the counts are in section 0 (elf(5), e_shnum and e_shstrndx).
  const count = table.count === 0 ? first.size : table.count;
  const nameSection = table.nameSection === 0xffff ? first.link : table.nameSection;
  const headers = readSectionHeaders(file, layout, { ...table, count });
  const nameHeader = headers[nameSection];
  const names =
    nameHeader === undefined
      ? Buffer.alloc(0)
      : readUpTo(file, nameHeader.offset, Math.min(nameHeader.size, SECTION_NAMES_BYTES_MAX));
  return headers.flatMap((header) => {
    const region = {
      name: textUntilNul(names, header.nameOffset, SECTION_NAME_LENGTH_MAX),
      offset: header.offset,
      size: header.size,
      address: header.address,
      writable: (header.flags & FLAG_SECTION_WRITABLE) !== 0,
    };
    return header.type !== SECTION_WITHOUT_BYTES && isInside(file, region) ? [region] : [];
  });
}

function readSectionHeaders(file: RandomAccess, layout: Layout, table: Table): SectionHeader[] {
  const headers: SectionHeader[] = [];
  const bytes = readTable(file, table);
  const numbers = numberReader(bytes, layout.littleEndian);
  const { wide, word } = layout;
  for (let at = 0; at + table.entryBytes <= bytes.length; at += table.entryBytes) {
    headers.push({
      nameOffset: numbers.u32(at),
      type: numbers.u32(at + 4),
      flags: wide ? numbers.u32(at + (layout.littleEndian ? 8 : 12)) : numbers.u32(at + 8),
      address: word(numbers, at + (wide ? 16 : 12)),
      offset: word(numbers, at + (wide ? 24 : 16)),
      size: word(numbers, at + (wide ? 32 : 20)),
      link: numbers.u32(at + (wide ? 40 : 24)),
    });
  }
  return headers;
}

function readSegments(file: RandomAccess, layout: Layout, table: Table): ExecutableRegion[] {
  if (table.offset === 0 || table.entryBytes < (layout.wide ? 56 : 32)) return [];
  const segments: ExecutableRegion[] = [];
  const bytes = readTable(file, table);
  const numbers = numberReader(bytes, layout.littleEndian);
  const { wide, word } = layout;
  for (let at = 0; at + table.entryBytes <= bytes.length; at += table.entryBytes) {
    const segment = {
      name: '',
      offset: word(numbers, at + (wide ? 8 : 4)),
      address: word(numbers, at + (wide ? 16 : 8)),
      size: word(numbers, at + (wide ? 32 : 16)),
      writable: (numbers.u32(at + (wide ? 4 : 24)) & FLAG_SEGMENT_WRITABLE) !== 0,
    };
    if (numbers.u32(at) === SEGMENT_LOADED && isInside(file, segment)) segments.push(segment);
  }
  return segments;
}

function readTable(file: RandomAccess, table: Table): Buffer {
  const count = Math.min(Number.isNaN(table.count) ? 0 : table.count, REGIONS_MAX);
  return readUpTo(file, table.offset, count * table.entryBytes);
}

/** A region must have an address we can count with and lie within the file. */
function isInside(
  file: RandomAccess,
  region: Pick<ExecutableRegion, 'offset' | 'size' | 'address'>,
): boolean {
  return region.offset + region.size <= file.size && !Number.isNaN(region.address);
}
