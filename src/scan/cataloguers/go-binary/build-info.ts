import type { ExecutableImage, ExecutableRegion } from '../../../formats/executable-image.ts';
import { offsetOfAddress } from '../../../formats/executable-image.ts';
import { type RandomAccess, readExactly, readUpTo } from '../../../formats/random-access.ts';

/** What the Go linker wrote into a program: the toolchain and the module text. */
export type GoBuildInfo = {
  /** `go1.22.1`. */
  readonly toolchain: string;
  /** Lines of `path`, `mod`, `dep`, `=>` and `build`; empty where the program states none. */
  readonly modules: string;
};

// Go's debug/buildinfo: 14 bytes of magic, pointer size, flags; aligned to 16 in memory.
const MAGIC = Buffer.from('\xff Go buildinf:', 'latin1');
const ALIGNMENT = 16;
const HEADER_BYTES = 32;
const FLAG_BIG_ENDIAN = 1;
const FLAG_STRINGS_INLINE = 2;
const TOOLCHAIN_BYTES_MAX = 1024;
/** The largest module lists in use are near 100 KiB. */
const MODULES_BYTES_MAX = 8 * 1024 * 1024;
const SEARCH_BYTES_MAX = 64 * 1024 * 1024;
const SEARCH_WINDOW_BYTES = 256 * 1024;
/** The module text stands between two 16-byte marks, which runtime/debug looks for. */
const MARK_BYTES = 16;

/**
 * Finds and reads the build information of a Go program, as `go version -m` does (Go's
 * debug/buildinfo): strings inline since Go 1.18, behind pointers of either byte order before.
 */
export function readGoBuildInfo(
  file: RandomAccess,
  image: ExecutableImage,
): GoBuildInfo | undefined {
  for (const region of regionsToSearch(image)) {
    const offset = findHeader(file, region);
    if (offset === undefined) continue;
    const header = readExactly(file, offset, HEADER_BYTES);
    if (header === undefined) continue;
    const flags = header[15] ?? 0;
    const [toolchain, text] =
      (flags & FLAG_STRINGS_INLINE) !== 0
        ? readInlineStrings(file, offset + HEADER_BYTES)
        : readPointedStrings(file, image, header);
    if (toolchain === undefined || toolchain === '') continue;
    return { toolchain, modules: withoutMarks(text) };
  }
  return undefined;
}

/**
 * The linker's own section. Without one (a PE file, or one whose section table was cut off) the
 * first writable data; an ELF file with a section table and no such section is not a Go program,
 * which spares searching the data of every other program.
 */
function regionsToSearch(image: ExecutableImage): readonly ExecutableRegion[] {
  const own = image.sections.filter(
    (section) => section.name === '.go.buildinfo' || section.name === '__DATA,__go_buildinfo',
  );
  if (own.length > 0) return own.slice(0, 1);
  if (image.format !== 'pe' && image.sections.length > 0) return [];
  return image.segments.filter((segment) => segment.writable).slice(0, 4);
}

function findHeader(file: RandomAccess, region: ExecutableRegion): number | undefined {
  const size = Math.min(region.size, SEARCH_BYTES_MAX);
  // Windows overlap by the magic's length less one, so that none is cut in two.
  const step = SEARCH_WINDOW_BYTES - MAGIC.length;
  for (let start = 0; start < size; start += step) {
    const length = Math.min(SEARCH_WINDOW_BYTES, size - start);
    const window = readUpTo(file, region.offset + start, length);
    for (let at = window.indexOf(MAGIC); at !== -1; at = window.indexOf(MAGIC, at + 1)) {
      if ((region.address + start + at) % ALIGNMENT === 0) return region.offset + start + at;
    }
  }
  return undefined;
}

type Strings = readonly [toolchain: string | undefined, modules: string];

function readInlineStrings(file: RandomAccess, offset: number): Strings {
  const toolchain = readCountedString(file, offset, TOOLCHAIN_BYTES_MAX);
  if (toolchain === undefined) return [undefined, ''];
  const modules = readCountedString(file, toolchain.end, MODULES_BYTES_MAX);
  return [toolchain.text, modules?.text ?? ''];
}

function readCountedString(
  file: RandomAccess,
  offset: number,
  bytesMax: number,
): { readonly text: string; readonly end: number } | undefined {
  const head = readUpTo(file, offset, 5);
  let length = 0;
  for (let index = 0; index < head.length; index += 1) {
    const byte = head[index] ?? 0;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte >= 0x80) continue;
    if (length > bytesMax) return undefined;
    const start = offset + index + 1;
    const text = readExactly(file, start, length)?.toString('latin1');
    return text === undefined ? undefined : { text, end: start + length };
  }
  return undefined;
}

function readPointedStrings(file: RandomAccess, image: ExecutableImage, header: Buffer): Strings {
  const pointerBytes = header[14] === 4 ? 4 : 8;
  const bigEndian = ((header[15] ?? 0) & FLAG_BIG_ENDIAN) !== 0;
  const pointerAt = (bytes: Buffer, at: number): number => {
    if (pointerBytes === 4) return bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
    return Number(bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at));
  };
  const stringAt = (address: number, bytesMax: number): string | undefined => {
    const headerOffset = offsetOfAddress(image, address);
    if (headerOffset === undefined) return undefined;
    const pair = readExactly(file, headerOffset, 2 * pointerBytes);
    if (pair === undefined) return undefined;
    const length = pointerAt(pair, pointerBytes);
    const dataOffset = offsetOfAddress(image, pointerAt(pair, 0));
    if (dataOffset === undefined || length > bytesMax) return undefined;
    return readExactly(file, dataOffset, length)?.toString('latin1');
  };
  return [
    stringAt(pointerAt(header, 16), TOOLCHAIN_BYTES_MAX),
    stringAt(pointerAt(header, 16 + pointerBytes), MODULES_BYTES_MAX) ?? '',
  ];
}

function withoutMarks(text: string): string {
  const end = text.length - MARK_BYTES;
  if (text.length < 2 * MARK_BYTES + 1 || text[end - 1] !== '\n') return '';
  // Kept as bytes until here, since the marks are not text.
  return Buffer.from(text.slice(MARK_BYTES, end), 'latin1').toString('utf8');
}
