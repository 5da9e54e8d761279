/** Builds small executables byte by byte, so that a test states what it needs and nothing else. */
export type BuiltSection = {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly writable?: boolean;
};

type ElfOptions = {
  readonly sections: readonly BuiltSection[];
  readonly wide?: boolean;
  readonly littleEndian?: boolean;
  /** Leave the section table out, as `sstrip` does: only segments are left. */
  readonly stripped?: boolean;
};

/** Every section is mapped by a segment of its own at `ADDRESS_BASE` plus its file offset. */
export const ADDRESS_BASE = 0x400000;

/** The address at which the section of that index is mapped by `buildElf`. */
export function elfAddressOf(options: ElfOptions, index: number): number {
  return ADDRESS_BASE + placeSections(options).offsets[index]!;
}

function placeSections(options: ElfOptions): { offsets: number[]; end: number } {
  const wide = options.wide ?? true;
  let end = (wide ? 64 : 52) + (wide ? 56 : 32) * options.sections.length;
  const offsets = options.sections.map((section) => {
    const offset = Math.ceil(end / 16) * 16;
    end = offset + section.bytes.length;
    return offset;
  });
  return { offsets, end };
}

export function buildElf(options: ElfOptions): Buffer {
  const wide = options.wide ?? true;
  const little = options.littleEndian ?? true;
  const { offsets, end } = placeSections(options);
  const names = `\0${options.sections.map(({ name }) => name).join('\0')}\0.shstrtab\0`;
  const tableOffset = end + names.length;
  const entry = wide ? 64 : 40;
  const file = Buffer.alloc(tableOffset + (options.stripped ? 0 : entry * (offsets.length + 2)));
  const put = writer(file, { wide, little });
  file.write('\x7fELF', 'latin1');
  file.set([wide ? 2 : 1, little ? 1 : 2, 1], 4);
  put.u16(16, 2);
  put.word(wide ? 32 : 28, wide ? 64 : 52);
  put.word(wide ? 40 : 32, options.stripped ? 0 : tableOffset);
  put.u16(wide ? 54 : 42, wide ? 56 : 32);
  put.u16(wide ? 56 : 44, offsets.length);
  put.u16(wide ? 58 : 46, entry);
  put.u16(wide ? 60 : 48, options.stripped ? 0 : offsets.length + 2);
  put.u16(wide ? 62 : 50, options.stripped ? 0 : offsets.length + 1);
  file.write(names, end, 'latin1');
  options.sections.forEach((section, index) => {
    const offset = offsets[index]!;
    file.set(section.bytes, offset);
    const segment = wide ? 64 + 56 * index : 52 + 32 * index;
    put.u32(segment, 1);
    put.u32(segment + (wide ? 4 : 24), section.writable ? 6 : 4);
    put.word(segment + (wide ? 8 : 4), offset);
    put.word(segment + (wide ? 16 : 8), ADDRESS_BASE + offset);
    put.word(segment + (wide ? 32 : 16), section.bytes.length);
  });
  if (options.stripped) return file;
  const sections = [
    ...options.sections.map((section, index) => ({ ...section, offset: offsets[index]! })),
    { name: '.shstrtab', bytes: Buffer.from(names), offset: end, writable: false },
  ];
  sections.forEach((section, index) => {
    const at = tableOffset + entry * (index + 1);
    put.u32(at, names.indexOf(`\0${section.name}\0`) + 1);
    put.u32(at + 4, 1);
    put.word(at + 8, section.writable ? 3 : 2);
    put.word(at + (wide ? 16 : 12), ADDRESS_BASE + section.offset);
    put.word(at + (wide ? 24 : 16), section.offset);
    put.word(at + (wide ? 32 : 20), section.bytes.length);
  });
  return file;
}

export function buildPe(sections: readonly BuiltSection[]): Buffer {
  const tableOffset = 128 + 24 + 240;
  let end = tableOffset + 40 * sections.length;
  const bodies = sections.map((section) => {
    const offset = Math.ceil(end / 512) * 512;
    end = offset + Math.ceil(section.bytes.length / 512) * 512;
    return { section, offset };
  });
  const file = Buffer.alloc(end);
  file.write('MZ');
  file.writeUInt32LE(128, 0x3c);
  file.write('PE\0\0', 128);
  file.writeUInt16LE(sections.length, 134);
  file.writeUInt16LE(240, 148);
  file.writeUInt16LE(0x20b, 152);
  file.writeBigUInt64LE(0x140000000n, 152 + 24);
  bodies.forEach(({ section, offset }, index) => {
    const at = tableOffset + 40 * index;
    file.write(section.name, at);
    file.writeUInt32LE(section.bytes.length, at + 8);
    file.writeUInt32LE(0x1000 * (index + 1), at + 12);
    file.writeUInt32LE(Math.ceil(section.bytes.length / 512) * 512, at + 16);
    file.writeUInt32LE(offset, at + 20);
    file.writeUInt32LE(section.writable ? 0xc0000040 : 0x40000040, at + 36);
    file.set(section.bytes, offset);
  });
  return file;
}

/** One 64-bit little-endian program; sections are named `__DATA,__data`. */
export function buildMachO(sections: readonly BuiltSection[]): Buffer {
  const commandBytes = sections.length * 152;
  let end = 32 + commandBytes;
  const bodies = sections.map((section) => {
    const offset = Math.ceil(end / 16) * 16;
    end = offset + section.bytes.length;
    return { section, offset };
  });
  const file = Buffer.alloc(end);
  const put = writer(file, { wide: true, little: true });
  put.u32(0, 0xfeedfacf);
  put.u32(16, sections.length);
  put.u32(20, commandBytes);
  bodies.forEach(({ section, offset }, index) => {
    const at = 32 + 152 * index;
    const [segmentName = '', sectionName = ''] = section.name.split(',');
    put.u32(at, 0x19);
    put.u32(at + 4, 152);
    file.write(segmentName, at + 8);
    put.word(at + 24, ADDRESS_BASE + offset);
    put.word(at + 40, offset);
    put.word(at + 48, section.bytes.length);
    put.u32(at + 60, section.writable ? 3 : 1);
    put.u32(at + 64, 1);
    file.write(sectionName, at + 72);
    put.word(at + 72 + 32, ADDRESS_BASE + offset);
    put.word(at + 72 + 40, section.bytes.length);
    put.u32(at + 72 + 48, offset);
    file.set(section.bytes, offset);
  });
  return file;
}

/** A universal file around whole programs. */
export function buildFatMachO(programs: readonly Uint8Array[]): Buffer {
  let end = 8 + 20 * programs.length;
  const placed = programs.map((program) => {
    const offset = Math.ceil(end / 4096) * 4096;
    end = offset + program.length;
    return { program, offset };
  });
  const file = Buffer.alloc(end);
  file.writeUInt32BE(0xcafebabe, 0);
  file.writeUInt32BE(programs.length, 4);
  placed.forEach(({ program, offset }, index) => {
    file.writeUInt32BE(offset, 8 + 20 * index + 8);
    file.writeUInt32BE(program.length, 8 + 20 * index + 12);
    file.set(program, offset);
  });
  return file;
}

function writer(file: Buffer, options: { readonly wide: boolean; readonly little: boolean }) {
  const { wide, little } = options;
  const u16 = (at: number, value: number): void => {
    if (little) file.writeUInt16LE(value, at);
    else file.writeUInt16BE(value, at);
  };
  const u32 = (at: number, value: number): void => {
    if (little) file.writeUInt32LE(value, at);
    else file.writeUInt32BE(value, at);
  };
  const word = (at: number, value: number): void => {
    if (!wide) u32(at, value);
    else if (little) file.writeBigUInt64LE(BigInt(value), at);
    else file.writeBigUInt64BE(BigInt(value), at);
  };
  return { u16, u32, word };
}
