import { expect, it } from 'vitest';
import { shares } from './layer-shares.ts';

it('shares the width by size and keeps the smallest layer in sight', () => {
  const [large = 0, small = 0, empty = 0] = shares([99_000, 1_000, 0]);

  expect(large).toBeGreaterThan(0.95);
  expect(small).toBeGreaterThanOrEqual(empty);
  expect(empty).toBeGreaterThan(0.009);
  expect(large + small + empty).toBeCloseTo(1);
});

it('shares alike when no size is known', () => {
  expect(shares([0, 0])).toEqual([0.5, 0.5]);
  expect(shares([])).toEqual([]);
});
