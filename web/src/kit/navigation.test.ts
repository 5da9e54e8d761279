import { expect, it } from 'vitest';
import { oneOf, parseSearch, withSearch } from './navigation.tsx';

it('changes, adds and removes search fields of an address', () => {
  const current = { q: 'a b', state: 'running' };

  expect(withSearch('/containers', current, { state: 'ended' })).toBe(
    '/containers?q=a+b&state=ended',
  );
  expect(withSearch('/containers', current, { q: undefined, state: '' })).toBe('/containers');
});

it('reads back what it wrote, whatever the letters', () => {
  const search = { q: 'pkg:deb/debian/a?b&c=d#e', owner: 'none' };

  expect(parseSearch(withSearch('', {}, search))).toEqual(search);
});

it('takes only words it knows from an address', () => {
  expect(oneOf('ended', ['running', 'ended'])).toBe('ended');
  expect(oneOf('<script>', ['running', 'ended'])).toBeUndefined();
});
