import { randomBytes } from 'node:crypto';

/** Time comes in as an argument, so that a test decides what time it is. */
export type Clock = { now(): Date };

/** Makes ids that were never made before. */
export type Ids = { next(): string };

export const systemClock: Clock = { now: () => new Date() };

const COUNTER_MAX = 0xfff;

/**
 * UUID version 7 (RFC 9562 section 5.7): they sort by the time they were made, so that rows made
 * together lie together. Within one millisecond a 12-bit counter keeps the order (method 1 of
 * section 6.2); a clock that steps back does not make them step back.
 */
export function createIds(clock: Clock = systemClock, random = randomBytes): Ids {
  let lastMs = 0;
  let counter = 0;
  return {
    next: () => {
      const bytes = random(10);
      const nowMs = clock.now().getTime();
      if (nowMs > lastMs) {
        lastMs = nowMs;
        // Starts in the lower half, which leaves room to count.
        counter = bytes.readUInt16BE(0) & (COUNTER_MAX >> 1);
      } else if (counter < COUNTER_MAX) {
        counter += 1;
      } else {
        lastMs += 1;
        counter = 0;
      }
      const time = lastMs.toString(16).padStart(12, '0');
      const version = (0x7000 | counter).toString(16);
      const variant = (0x80 | ((bytes[2] ?? 0) & 0x3f)).toString(16);
      const rest = bytes.toString('hex', 3);
      return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}${rest.slice(0, 2)}-${rest.slice(2)}`;
    },
  };
}

/** A clock for tests: stands still until moved. */
export function manualClock(start = '2026-01-01T00:00:00Z'): Clock & { moveBy(ms: number): void } {
  let nowMs = Date.parse(start);
  return {
    now: () => new Date(nowMs),
    moveBy: (ms) => {
      nowMs += ms;
    },
  };
}
