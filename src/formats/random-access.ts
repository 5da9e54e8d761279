/**
 * A file as a format reader sees it: any range, synchronously. What `read` returns is valid until
 * the next call only, and is shorter than asked at the end of the file.
 */
export type RandomAccess = {
  readonly size: number;
  readonly read: (offset: number, length: number) => Uint8Array;
};

/** A copy of exactly `length` bytes, or undefined when the file does not hold that range. */
export function readExactly(
  file: RandomAccess,
  offset: number,
  length: number,
): Buffer | undefined {
  if (!isRange(offset, length) || offset + length > file.size) return undefined;
  const bytes = Buffer.from(file.read(offset, length));
  return bytes.length === length ? bytes : undefined;
}

/** A copy of up to `length` bytes: fewer at the end of the file, none outside it. */
export function readUpTo(file: RandomAccess, offset: number, length: number): Buffer {
  if (!isRange(offset, length) || offset >= file.size) return Buffer.alloc(0);
  return Buffer.from(file.read(offset, Math.min(length, file.size - offset)));
}

/** A range of a file as a file of its own, cut off where the outer one ends. */
export function sliceOf(file: RandomAccess, offset: number, length: number): RandomAccess {
  const start = Math.min(Math.max(0, offset), file.size);
  const size = Math.max(0, Math.min(length, file.size - start));
  return {
    size,
    read: (at, count) => {
      if (!isRange(at, count) || at >= size) return new Uint8Array(0);
      return file.read(start + at, Math.min(count, size - at));
    },
  };
}

/** Bytes in memory as a file. */
export function fileOfBytes(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) =>
      isRange(offset, length) ? bytes.subarray(offset, offset + length) : new Uint8Array(0),
  };
}

/** False for negative, fractional and unsafe numbers, which only a lying header produces. */
function isRange(offset: number, length: number): boolean {
  return (
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(length) &&
    offset >= 0 &&
    length >= 0 &&
    Number.isSafeInteger(offset + length)
  );
}
