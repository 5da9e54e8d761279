import { tooLarge, unavailable } from '../../model/errors.ts';
import type { Timing } from './host-pace.ts';

export type TrickleLimits = {
  /** Of waiting, the reader's own time left out. */
  readonly windowMs: number;
  /** Fewer bytes than this in a window of waiting is a stall that drips. */
  readonly bytesMin: number;
};

type Chunks = AsyncIterable<Uint8Array>;

/**
 * The bytes of an answer as they come. A sender that drips a byte now and then keeps no timeout
 * busy, so the waiting itself is measured.
 */
export async function* notTrickling(
  body: Chunks,
  host: string,
  { limits, timing }: { limits: TrickleLimits; timing: Timing },
): AsyncGenerator<Uint8Array> {
  let waitedMs = 0;
  let bytes = 0;
  let since = timing.nowMs();
  for await (const chunk of body) {
    waitedMs += timing.nowMs() - since;
    bytes += chunk.length;
    if (waitedMs >= limits.windowMs) {
      if (bytes < limits.bytesMin) {
        throw unavailable(`${host} sends so slowly that it might as well have stopped.`, {
          code: 'trickling',
        });
      }
      waitedMs = 0;
      bytes = 0;
    }
    yield chunk;
    since = timing.nowMs();
  }
}

/** A whole answer in memory, bounded. */
export async function readBounded(body: Chunks, host: string, bytesMax: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > bytesMax) {
      throw tooLarge(`${host} sends more than ${bytesMax} bytes where it should not.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts, bytes);
}
