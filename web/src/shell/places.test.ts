import { expect, it } from 'vitest';
import { isAt, placeGroups, settingPlaces } from './places.ts';

it('marks the place a thing belongs to, and no other', () => {
  const all = [...placeGroups.flatMap(({ places }) => places), ...settingPlaces];
  const at = (path: string) => all.filter((place) => isAt(path, place)).map(({ label }) => label);

  expect(at('/')).toEqual(['Overview']);
  expect(at('/containers/01a')).toEqual(['Containers']);
  expect(at('/containers-of-others')).toEqual([]);
  expect(at('/settings/tokens')).toEqual(['API tokens']);
});
