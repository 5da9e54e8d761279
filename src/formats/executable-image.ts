/** A named range of an executable, as its section or segment table states it. */
export type ExecutableRegion = {
  readonly name: string;
  /** Where it lies in the file; both are checked to be inside it. */
  readonly offset: number;
  readonly size: number;
  /** Where it is mapped; a safe integer, 0 when it is not mapped. */
  readonly address: number;
  readonly writable: boolean;
};

/** One program in an executable file: a universal Mach-O file holds several. */
export type ExecutableImage = {
  readonly format: 'elf' | 'pe' | 'mach-o';
  readonly littleEndian: boolean;
  readonly pointerBytes: 4 | 8;
  /** In the order of the file. ELF sections, PE sections, Mach-O sections as `__DATA,__data`. */
  readonly sections: readonly ExecutableRegion[];
  /** What the loader maps: ELF PT_LOAD, Mach-O segments, for PE the sections again. */
  readonly segments: readonly ExecutableRegion[];
};

/** Real programs have some dozens; a table that states more is read this far. */
export const REGIONS_MAX = 4096;

/** The file offset at which an address is mapped, or undefined when no segment holds it. */
export function offsetOfAddress(image: ExecutableImage, address: number): number | undefined {
  for (const segment of image.segments) {
    const delta = address - segment.address;
    if (delta >= 0 && delta < segment.size) return segment.offset + delta;
  }
  return undefined;
}

/** Reads numbers of either byte order, as executables of both exist. */
export type NumberReader = {
  readonly u16: (at: number) => number;
  readonly u32: (at: number) => number;
  /** A 64-bit number; not a number (NaN) where it is over the safe range, so every test fails. */
  readonly u64: (at: number) => number;
};

export function numberReader(bytes: Buffer, littleEndian: boolean): NumberReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    u16: (at) => view.getUint16(at, littleEndian),
    u32: (at) => view.getUint32(at, littleEndian),
    u64: (at) => {
      const value = view.getBigUint64(at, littleEndian);
      return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.NaN;
    },
  };
}

/** Text up to the first NUL of a bounded range: names in string tables and fixed fields. */
export function textUntilNul(bytes: Buffer, start: number, lengthMax: number): string {
  if (!(start >= 0 && start < bytes.length)) return '';
  const end = Math.min(bytes.length, start + lengthMax);
  const nul = bytes.subarray(start, end).indexOf(0);
  return bytes.toString('latin1', start, nul === -1 ? end : start + nul);
}
