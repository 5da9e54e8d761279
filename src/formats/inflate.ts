import { Buffer } from 'node:buffer';
import zlib from 'node:zlib';
import { invalid } from '../model/errors.ts';

/** How a layer's bytes are stored. Told by the bytes, not by the media type, which may lie. */
export type Compression = 'none' | 'gzip' | 'zstd';

/** Receives uncompressed bytes, valid during the call only: the buffer is used again. */
export type Sink = (piece: Buffer) => void;

export type Inflater = {
  /** Returns a promise only where the public stream is used. */
  readonly push: (stored: Buffer) => void | Promise<void>;
  /** The stored bytes ended. Throws `invalid` when the compressed stream had not. */
  readonly end: () => void | Promise<void>;
  readonly close: () => void;
};

/** Fits the second-level cache of today's cores, which measured fastest. A multiple of 512. */
const OUTPUT_BYTES = 128 * 1024;

/** RFC 1952 section 2.3.1 (gzip), RFC 8878 section 3.1.1 (zstd and its skippable frames). */
export function compressionOf(head: Uint8Array): Compression {
  const [a, b, c, d] = head;
  if (a === 0x1f && b === 0x8b) return 'gzip';
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd';
  if (a !== undefined && (a & 0xf0) === 0x50 && b === 0x2a && c === 0x4d && d === 0x18)
    return 'zstd';
  return 'none';
}

/**
 * Inflates what is pushed into `sink`. Several gzip members or zstd frames in a row are one stream.
 *
 * Node's public zlib streams allocate every output chunk anew, which costs 1.4 times the time and
 * three times the memory. So this uses the handle below them, an internal of Node, where a check
 * at first use finds it to work as expected; else the public stream.
 */
export function makeInflater(compression: Compression, sink: Sink): Inflater {
  if (compression === 'none') return { push: sink, end: () => {}, close: () => {} };
  return hasFastPath() ? fastInflater(compression, sink) : publicInflater(compression, sink);
}

type Handle = {
  onerror: (message: string) => void;
  writeSync: (
    flush: number,
    input: Buffer,
    inputOffset: number,
    inputLength: number,
    output: Buffer,
    outputOffset: number,
    outputLength: number,
  ) => void;
};
type Internals = { readonly _handle?: Handle; readonly _writeState?: Uint32Array };

const EMPTY = Buffer.alloc(0);
const broken = (why: string) => invalid(`The compressed data is broken (${why}).`);

export function fastInflater(compression: 'gzip' | 'zstd', sink: Sink): Inflater {
  const stream = compression === 'gzip' ? zlib.createGunzip() : zlib.createZstdDecompress();
  const { _handle: handle, _writeState: state } = stream as unknown as Internals;
  if (handle === undefined || state === undefined) throw new Error('zlib has other internals');
  const output = Buffer.allocUnsafeSlow(OUTPUT_BYTES);
  let filled = 0;
  let failure: string | undefined;
  handle.onerror = (message) => {
    failure = message;
  };
  const { Z_NO_FLUSH, Z_FINISH, ZSTD_e_continue, ZSTD_e_end } = zlib.constants;
  const [goOn, finish] =
    compression === 'gzip' ? [Z_NO_FLUSH, Z_FINISH] : [ZSTD_e_continue, ZSTD_e_end];

  /** One call of zlib. Hands the output buffer on when it is full. */
  const step = (flush: number, stored: Buffer, at: number) => {
    const room = OUTPUT_BYTES - filled;
    handle.writeSync(flush, stored, at, stored.length - at, output, filled, room);
    if (failure !== undefined) throw broken(failure);
    const roomLeft = state[0] ?? 0;
    const left = state[1] ?? 0;
    const isStuck = roomLeft === room && left === stored.length - at;
    filled = OUTPUT_BYTES - roomLeft;
    if (roomLeft === 0) {
      filled = 0;
      sink(output);
    }
    return { left, isFull: roomLeft === 0, isStuck };
  };
  const push = (stored: Buffer) => {
    let at = 0;
    for (;;) {
      const { left, isFull, isStuck } = step(goOn, stored, at);
      at = stored.length - left;
      // A full buffer may mean that more waits inside zlib, even when all input is taken.
      if (left === 0 && !isFull) return;
      if (isStuck) {
        if (isPadding(stored, at)) return;
        throw broken('something else follows its end');
      }
    }
  };
  const end = () => {
    while (step(finish, EMPTY, 0).isFull);
    if (filled > 0) sink(output.subarray(0, filled));
    filled = 0;
  };
  return { push, end, close: () => stream.close() };
}

/** Tapes and some uploaders pad the end with zeros; gzip itself ignores them. */
function isPadding(stored: Buffer, from: number): boolean {
  for (let at = from; at < stored.length; at++) if (stored[at] !== 0) return false;
  return true;
}

/** The same over Node's documented interface. */
export function publicInflater(compression: 'gzip' | 'zstd', sink: Sink): Inflater {
  let failure: unknown;
  // What the sink throws must come out of push and end, not out of an event of the stream.
  const receive = (piece: Buffer) => {
    if (failure !== undefined) return;
    try {
      sink(piece);
    } catch (error) {
      failure = error;
    }
  };
  const fail = (error: Error) => {
    failure ??= broken(error.message);
  };
  let stream = openPublicStream(compression, receive, fail);
  const write = (stored: Buffer) =>
    new Promise<void>((resolve) => {
      // After an error the callback of a write may never come, but the stream always closes.
      stream.once('close', resolve);
      stream.write(stored, () => {
        stream.off('close', resolve);
        resolve();
      });
    });
  const push = async (stored: Buffer) => {
    // A copy: the stream may keep the input after this call returns.
    let rest = Buffer.from(stored);
    while (failure === undefined && rest.length > 0) {
      const before = stream.bytesWritten;
      await write(rest);
      const taken = stream.bytesWritten - before;
      rest = rest.subarray(taken);
      // The zstd stream stops at the end of a frame, where another may follow.
      if (rest.length === 0 || failure !== undefined) break;
      if (compression === 'gzip' || (taken === 0 && before === 0)) break;
      stream.destroy();
      stream = openPublicStream(compression, receive, fail);
    }
    if (failure !== undefined) throw failure;
  };
  const end = async () => {
    const closed = new Promise<void>((resolve) => stream.once('close', resolve));
    stream.end();
    await closed;
    if (failure !== undefined) throw failure;
  };
  return { push, end, close: () => stream.destroy() };
}

function openPublicStream(
  compression: 'gzip' | 'zstd',
  receive: (piece: Buffer) => void,
  fail: (error: Error) => void,
) {
  const options = { chunkSize: OUTPUT_BYTES };
  const stream =
    compression === 'gzip' ? zlib.createGunzip(options) : zlib.createZstdDecompress(options);
  return stream.on('data', receive).on('error', fail);
}

let fastPath: boolean | undefined;

/** Tries the internal once on known data: two members, and one that is cut short. */
export function hasFastPath(): boolean {
  fastPath ??= tryFastPath();
  return fastPath;
}

function tryFastPath(): boolean {
  try {
    // More than one output buffer, so that a full buffer is tried too.
    const text = Buffer.alloc(OUTPUT_BYTES + 1000, 'wharf');
    const kinds = [
      ['gzip', zlib.gzipSync(text, { level: 1 })],
      ['zstd', zlib.zstdCompressSync(text)],
    ] as const;
    return kinds.every(([kind, member]) => inflatesTwice(kind, member, text) && refuses(kind));
  } catch {
    return false;
  }
}

function inflatesTwice(kind: 'gzip' | 'zstd', member: Buffer, text: Buffer): boolean {
  let length = 0;
  let isSame = true;
  const inflater = fastInflater(kind, (piece) => {
    const start = length % text.length;
    const first = piece.subarray(0, text.length - start);
    isSame &&= first.equals(text.subarray(start, start + first.length));
    length += piece.length;
  });
  void inflater.push(Buffer.concat([member, member]));
  void inflater.end();
  inflater.close();
  return isSame && length === text.length * 2;
}

function refuses(kind: 'gzip' | 'zstd'): boolean {
  const inflater = fastInflater(kind, () => {});
  try {
    void inflater.push(Buffer.alloc(100, 0xff));
    return false;
  } catch {
    return true;
  } finally {
    inflater.close();
  }
}
