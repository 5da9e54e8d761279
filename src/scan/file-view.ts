import { Buffer } from 'node:buffer';
import { readSync } from 'node:fs';
import { invalid } from '../model/errors.ts';
import type { FileView } from './cataloguer.ts';
import type { FileFacts } from './layer-collector.ts';

const EMPTY = Buffer.alloc(0);

function isRange(offset: number, length: number): boolean {
  return Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length > 0;
}

/** A file whose bytes are at hand. They must not change while a parser looks. */
export function memoryView(facts: FileFacts, bytes: Buffer): FileView {
  const { path, size, mode } = facts;
  return {
    path,
    size,
    mode,
    read: (offset, length) =>
      isRange(offset, length) ? bytes.subarray(offset, offset + length) : EMPTY,
    bytes: () => bytes,
  };
}

/** Small reads next to each other are served from one read of this size. */
const WINDOW_BYTES = 64 * 1024;

/** Files up to this are read whole at first touch. */
const WHOLE_BYTES_MAX = 256 * 1024;

/** Buffers that one worker uses again for every file. */
export type ViewBuffers = { window: Buffer; large: Buffer };

export const makeViewBuffers = (): ViewBuffers => ({
  window: Buffer.allocUnsafeSlow(WHOLE_BYTES_MAX),
  large: EMPTY,
});

/** A range of an open file: only what a parser asks for is read. */
export function rangeView(
  facts: FileFacts,
  from: { readonly fd: number; readonly offset: number },
  buffers: ViewBuffers,
): FileView {
  const { path, size, mode } = facts;
  let windowStart = 0;
  let windowEnd = 0;
  let whole: Buffer | undefined;
  const readInto = (target: Buffer, offset: number, length: number): Buffer => {
    const got = readFully(from.fd, target.subarray(0, length), from.offset + offset);
    return target.subarray(0, got);
  };
  const fill = (offset: number) => {
    windowStart = size <= WHOLE_BYTES_MAX ? 0 : offset;
    const length = Math.min(size - windowStart, size <= WHOLE_BYTES_MAX ? size : WINDOW_BYTES);
    windowEnd = windowStart + readInto(buffers.window, windowStart, length).length;
  };
  const read = (offset: number, length: number): Buffer => {
    if (!isRange(offset, length) || offset >= size) return EMPTY;
    if (whole !== undefined) return whole.subarray(offset, offset + length);
    const wanted = Math.min(length, size - offset);
    if (wanted > WINDOW_BYTES) {
      if (buffers.large.length < wanted) buffers.large = Buffer.allocUnsafeSlow(wanted);
      return readInto(buffers.large, offset, wanted);
    }
    if (offset < windowStart || offset + wanted > windowEnd) fill(offset);
    const start = offset - windowStart;
    return buffers.window.subarray(start, Math.min(start + wanted, windowEnd - windowStart));
  };
  const bytes = () => {
    whole ??= readInto(Buffer.allocUnsafeSlow(size), 0, size);
    return whole;
  };
  return { path, size, mode, read, bytes };
}

/** Reads until `target` is full or the file ends; the number of bytes read. */
export function readFully(fd: number, target: Buffer, position: number): number {
  let got = 0;
  while (got < target.length) {
    const count = readSync(fd, target, got, target.length - got, position + got);
    if (count === 0) break;
    if (count < 0) throw invalid('A file could not be read.');
    got += count;
  }
  return got;
}
