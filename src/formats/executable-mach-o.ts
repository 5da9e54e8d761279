import {
  type ExecutableImage,
  type ExecutableRegion,
  type NumberReader,
  numberReader,
  REGIONS_MAX,
  textUntilNul,
} from './executable-image.ts';
import { type RandomAccess, readExactly, readUpTo, sliceOf } from './random-access.ts';

const LOAD_COMMANDS_BYTES_MAX = 1024 * 1024;
/** Java class files share the magic of universal files; their next word is a version, 45 and up. */
export const ARCHITECTURES_MAX = 30;
const LOAD_SEGMENT_32 = 1;
const LOAD_SEGMENT_64 = 0x19;
const PROTECTION_WRITE = 2;

/**
 * Reads the segments and sections of the programs in a Mach-O file (mach-o/loader.h, mach-o/fat.h
 * of Apple's SDK): one, or one for each processor of a universal file. Offsets are those of the
 * whole file. Empty when it is not one.
 */
export function readMachO(file: RandomAccess): ExecutableImage[] {
  const head = readExactly(file, 0, 8);
  if (head === undefined) return [];
  const magic = head.readUInt32BE(0);
  if (magic !== 0xcafebabe && magic !== 0xcafebabf) {
    const single = readProgram(file, 0);
    return single === undefined ? [] : [single];
  }
  const wide = magic === 0xcafebabf;
  const count = head.readUInt32BE(4);
  if (count > ARCHITECTURES_MAX) return [];
  const entryBytes = wide ? 32 : 20;
  const table = readUpTo(file, 8, count * entryBytes);
  const numbers = numberReader(table, false);
  const programs: ExecutableImage[] = [];
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    const offset = wide ? numbers.u64(at + 8) : numbers.u32(at + 8);
    const size = wide ? numbers.u64(at + 16) : numbers.u32(at + 12);
    if (!(offset + size <= file.size)) continue;
    const program = readProgram(sliceOf(file, offset, size), offset);
    if (program !== undefined) programs.push(program);
  }
  return programs;
}

function readProgram(file: RandomAccess, base: number): ExecutableImage | undefined {
  const head = readExactly(file, 0, 28);
  if (head === undefined) return undefined;
  const littleEndian = head[3] === 0xfe && head[2] === 0xed && head[1] === 0xfa;
  const magic = littleEndian ? head.readUInt32LE(0) : head.readUInt32BE(0);
  if (magic !== 0xfeedface && magic !== 0xfeedfacf) return undefined;
  const wide = magic === 0xfeedfacf;
  const header = numberReader(head, littleEndian);
  const commandBytes = Math.min(header.u32(20), LOAD_COMMANDS_BYTES_MAX);
  const commands = readUpTo(file, wide ? 32 : 28, commandBytes);
  const numbers = numberReader(commands, littleEndian);
  const regions: Regions = { sections: [], segments: [] };
  let at = 0;
  for (let left = header.u32(16); left > 0 && at + 8 <= commands.length; left -= 1) {
    const kind = numbers.u32(at);
    const length = numbers.u32(at + 4);
    if (length < 8 || at + length > commands.length) break;
    if (kind === (wide ? LOAD_SEGMENT_64 : LOAD_SEGMENT_32)) {
      addSegment(regions, { commands, numbers, at, length, wide, base, fileSize: file.size });
    }
    at += length;
  }
  return { format: 'mach-o', littleEndian, pointerBytes: wide ? 8 : 4, ...regions };
}

type Regions = {
  readonly sections: ExecutableRegion[];
  readonly segments: ExecutableRegion[];
};
type SegmentCommand = {
  readonly commands: Buffer;
  readonly numbers: NumberReader;
  readonly at: number;
  readonly length: number;
  readonly wide: boolean;
  readonly base: number;
  readonly fileSize: number;
};

function addSegment(regions: Regions, command: SegmentCommand): void {
  const { commands, numbers, at, length, wide, base, fileSize } = command;
  const headBytes = wide ? 72 : 56;
  if (length < headBytes) return;
  const word = wide ? numbers.u64 : numbers.u32;
  const writable = (numbers.u32(at + (wide ? 60 : 44)) & PROTECTION_WRITE) !== 0;
  const add = (list: ExecutableRegion[], region: Omit<ExecutableRegion, 'writable'>): void => {
    if (list.length >= REGIONS_MAX || Number.isNaN(region.address)) return;
    if (!(region.offset + region.size <= fileSize)) return;
    list.push({ ...region, offset: base + region.offset, writable });
  };
  const segmentName = textUntilNul(commands, at + 8, 16);
  add(regions.segments, {
    name: segmentName,
    address: word(at + 24),
    offset: word(at + (wide ? 40 : 32)),
    size: word(at + (wide ? 48 : 36)),
  });
  const sectionBytes = wide ? 80 : 68;
  const end = at + length;
  let left = numbers.u32(at + (wide ? 64 : 48));
  for (let section = at + headBytes; left > 0 && section + sectionBytes <= end; left -= 1) {
    add(regions.sections, {
      name: `${segmentName},${textUntilNul(commands, section, 16)}`,
      address: word(section + 32),
      size: word(section + (wide ? 40 : 36)),
      offset: numbers.u32(section + (wide ? 48 : 40)),
    });
    section += sectionBytes;
  }
}
