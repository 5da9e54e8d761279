import { setTimeout as sleep } from 'node:timers/promises';

/** Time as outbound calls need it; handed in, so that tests wait for nothing. */
export type Timing = {
  readonly nowMs: () => number;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
};

export const realTiming: Timing = {
  nowMs: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal });
  },
};

export type PaceLimits = {
  readonly callsASecond: number;
  /** So many may follow each other at once after a pause. */
  readonly burst: number;
};

const LIMITS: PaceLimits = { callsASecond: 25, burst: 50 };
const HOSTS_MAX = 1000;

/**
 * How often a host is called: a bounded rate, and silence for as long as it asked for. One pace is
 * shared by everything in the process that calls the host.
 */
export class HostPace {
  readonly #timing: Timing;
  readonly #spacingMs: number;
  readonly #slackMs: number;
  /** When the next call to a host would be due at the bounded rate. */
  readonly #dueAt = new Map<string, number>();

  constructor(timing: Timing = realTiming, limits: PaceLimits = LIMITS) {
    this.#timing = timing;
    this.#spacingMs = 1000 / limits.callsASecond;
    this.#slackMs = this.#spacingMs * limits.burst;
  }

  /** Resolves when the host may be called. */
  async take(host: string, signal: AbortSignal): Promise<void> {
    const now = this.#timing.nowMs();
    const due = Math.max(this.#dueAt.get(host) ?? 0, now - this.#slackMs);
    this.#set(host, due + this.#spacingMs);
    if (due > now) await this.#timing.sleep(due - now, signal);
  }

  /** The host asked for silence: nobody calls it before it is over. */
  pause(host: string, ms: number): void {
    const until = this.#timing.nowMs() + ms;
    if (until > (this.#dueAt.get(host) ?? 0)) this.#set(host, until);
  }

  #set(host: string, due: number): void {
    // The hosts called longest ago go first; forgetting one only lets it be called at once.
    this.#dueAt.delete(host);
    this.#dueAt.set(host, due);
    const [oldest] = this.#dueAt.keys();
    if (this.#dueAt.size > HOSTS_MAX && oldest !== undefined) this.#dueAt.delete(oldest);
  }
}
