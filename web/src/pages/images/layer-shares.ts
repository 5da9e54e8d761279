const SHARE_MIN = 0.01;

/** How wide each layer is drawn, of 1: by size, but never so thin that it cannot be seen. */
export function shares(sizes: readonly number[]): readonly number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total === 0) return sizes.map(() => 1 / sizes.length);
  const raw = sizes.map((size) => Math.max(SHARE_MIN, size / total));
  const sum = raw.reduce((all, share) => all + share, 0);
  return raw.map((share) => share / sum);
}
