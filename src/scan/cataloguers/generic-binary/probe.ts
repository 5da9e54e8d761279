import { type RandomAccess, readUpTo } from '../../../formats/random-access.ts';

/** A place in a program where its version stands. */
export type Probe = {
  /** Bytes (as Latin-1 text) that stand there and are rare elsewhere. */
  readonly marker: string;
  /** How much text before the marker the pattern needs. */
  readonly before?: number;
  /** Must match the text around the marker; its first group is the version. */
  readonly pattern: RegExp;
};

const WINDOW_BYTES = 1024 * 1024;
/** Windows overlap by this, so that no place is cut in two. */
const OVERLAP_BYTES = 512;
const AFTER_BYTES = 160;
const SCANNED_BYTES_MAX = 512 * 1024 * 1024;
/** A marker that turns up this often without its version says nothing. */
const MARKERS_MAX = 5000;

/** The version that the first of the probes to match finds, read in windows of a MiB. */
export function findVersion(file: RandomAccess, probes: readonly Probe[]): string | undefined {
  const markers = probes.map(({ marker }) => Buffer.from(marker, 'latin1'));
  const found: (string | undefined)[] = [];
  let seen = 0;
  const size = Math.min(file.size, SCANNED_BYTES_MAX);
  for (let start = 0; start < size; start += WINDOW_BYTES - OVERLAP_BYTES) {
    const window = readUpTo(file, start, WINDOW_BYTES);
    for (const [index, probe] of probes.entries()) {
      const marker = markers[index];
      if (marker === undefined || found[index] !== undefined) continue;
      for (let at = window.indexOf(marker); at !== -1; at = window.indexOf(marker, at + 1)) {
        seen += 1;
        if (seen > MARKERS_MAX) return found.find((version) => version !== undefined);
        const from = Math.max(0, at - (probe.before ?? 0));
        const text = window.toString('latin1', from, at + marker.length + AFTER_BYTES);
        found[index] = probe.pattern.exec(text)?.[1];
        if (found[index] !== undefined) break;
      }
      // Nothing can outrank the first probe; a later one waits for those before it.
      if (index === 0 && found[0] !== undefined) return found[0];
    }
  }
  return found.find((version) => version !== undefined);
}
