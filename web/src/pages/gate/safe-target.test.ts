import { expect, it } from 'vitest';
import { safeTarget } from './safe-target.ts';

it('goes back to a page of the console with its filters', () => {
  expect(safeTarget('/containers?owner=none')).toBe('/containers?owner=none');
});

it.each([
  undefined,
  '',
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  '/\t/evil',
  '/sign-in?to=/',
  'javascript:x',
])('refuses %j', (to) => {
  expect(safeTarget(to)).toBe('/');
});
