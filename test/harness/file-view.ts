import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { FileView } from '../../src/scan/cataloguer.ts';

/** Bytes as the engine would hand them to a cataloguer. */
export function viewOfBytes(path: string, bytes: Uint8Array, mode = 0o755): FileView {
  return {
    path,
    size: bytes.length,
    mode,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    bytes: () => bytes,
  };
}

/**
 * Runs `use` with a real file, read in ranges into one buffer that each read overwrites, as the
 * contract allows: a parser that keeps what it was lent fails.
 */
export function withFile<T>(name: string, use: (file: FileView) => T): T {
  const handle = openSync(name, 'r');
  let lent = Buffer.alloc(0);
  const read = (offset: number, length: number): Uint8Array => {
    lent.fill(0xee);
    if (lent.length < length) lent = Buffer.alloc(length);
    return lent.subarray(0, readSync(handle, lent, 0, length, offset));
  };
  try {
    const { size, mode } = fstatSync(handle);
    const path = name.replace(/^\//, '');
    const view = { path, size, mode: mode & 0o7777, read, bytes: () => read(0, size) };
    return use(view);
  } finally {
    closeSync(handle);
  }
}
