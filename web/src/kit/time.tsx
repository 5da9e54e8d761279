import { useSyncExternalStore } from 'react';
import { formatAgo, formatExact } from './format.ts';

const TICK_MS = 5_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, moving every few seconds, one clock for the whole page. */
export function useNow(): number {
  useSyncExternalStore(listen, () => now);
  // A fact newer than the last tick would otherwise lie in the future.
  return Math.max(now, Date.now() - TICK_MS);
}

/** Relative to a week, then the date; the exact time and its zone on hover. */
export function Time({ at, verb }: { readonly at: string; readonly verb?: string }) {
  const time = useNow();
  return (
    <time dateTime={at} title={formatExact(at)}>
      {verb === undefined ? '' : `${verb} `}
      {formatAgo(at, time)}
    </time>
  );
}

/** The whole time with its zone, where the moment itself is the fact. */
export function ExactTime({ at }: { readonly at: string }) {
  return <time dateTime={at}>{formatExact(at)}</time>;
}
