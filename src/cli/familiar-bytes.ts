const UNITS = ['bytes', 'KB', 'MB', 'GB', 'TB'];

/** `286.4 MB`, in powers of a thousand as registries and disks count. */
export function familiarBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}
