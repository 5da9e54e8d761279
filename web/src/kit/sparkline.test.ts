import { expect, it } from 'vitest';
import { sparkPath } from './sparkline.tsx';

it('runs from corner to corner for a steady rise', () => {
  expect(sparkPath([1, 2, 3])).toBe('M0.0 30.0L60.0 16.0L120.0 2.0');
});

it('runs through the middle when nothing changes', () => {
  expect(sparkPath([7, 7])).toBe('M0.0 16.0L120.0 16.0');
});
