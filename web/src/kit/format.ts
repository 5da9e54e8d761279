const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const words = [
  'No',
  'One',
  'Two',
  'Three',
  'Four',
  'Five',
  'Six',
  'Seven',
  'Eight',
  'Nine',
  'Ten',
  'Eleven',
  'Twelve',
];

/** 1,284 and not 1284. */
export function formatCount(value: number): string {
  return value.toLocaleString('en');
}

/** `1 container`, `1,284 containers`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** A number that begins a sentence: in words to twelve. */
export function countWord(value: number): string {
  return words[value] ?? formatCount(value);
}

/** `a, b and c`. */
export function listWords(items: readonly string[]): string {
  if (items.length < 2) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${units[unit]}`;
}

/** How long, roughly: `8 days`, `3 h`. */
export function formatSpan(milliseconds: number): string {
  const span = Math.max(0, milliseconds);
  if (span < MINUTE) return `${Math.floor(span / 1000)} s`;
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min`;
  if (span < 2 * DAY) return `${Math.floor(span / HOUR)} h`;
  return `${formatCount(Math.floor(span / DAY))} days`;
}

/** `3 h ago` to a week, then the date; what lies ahead says so. */
export function formatAgo(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return iso;
  const span = now - at;
  if (span < -5_000) return span > -7 * DAY ? `in ${formatSpan(-span)}` : formatDay(iso, now);
  if (span < 7 * DAY) return `${formatSpan(span)} ago`;
  return formatDay(iso, now);
}

/** `18 Nov`, with the year where it is not this one. */
export function formatDay(iso: string, now: number): string {
  const isThisYear = new Date(iso).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? {} : { year: 'numeric' }),
  }).format(new Date(iso));
}

/** The whole time with its zone: `18 Nov 2026, 02:11:05 UTC`. */
export function formatExact(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' }).format(at);
}

/** `sha256:5f0c12…91ab`: enough to tell apart at a glance; the copy has all of it. */
export function shortDigest(digest: string): string {
  const [algorithm, hex] = digest.split(':');
  if (algorithm === undefined || hex === undefined || hex.length <= 14) return digest;
  return `${algorithm}:${hex.slice(0, 6)}…${hex.slice(-4)}`;
}

/** What a package type is called by the people who use it. */
export function componentType(type: string): string {
  const names: Readonly<Record<string, string>> = {
    apk: 'Alpine packages',
    cargo: 'Rust crates',
    composer: 'Composer packages',
    deb: 'Debian packages',
    gem: 'Ruby gems',
    generic: 'Programs without a package',
    golang: 'Go modules',
    maven: 'Java archives',
    npm: 'npm packages',
    nuget: '.NET packages',
    pypi: 'Python packages',
    rpm: 'RPM packages',
  };
  return names[type] ?? `${type} packages`;
}

export function capitalise(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
