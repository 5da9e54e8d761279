import type { Action } from '../../../src/model/roles.ts';

export type Place = {
  readonly label: string;
  readonly href: string;
  /** Shown only to those who may. */
  readonly action?: Action;
};
export type PlaceGroup = { readonly label: string; readonly places: readonly Place[] };

/** Navigation by question. An entry is here when its page works, never as a stub. */
export const placeGroups: readonly PlaceGroup[] = [
  { label: '', places: [{ label: 'Overview', href: '/' }] },
  {
    label: 'Estate',
    places: [
      { label: 'Containers', href: '/containers', action: 'inventory.read' },
      { label: 'Images', href: '/images', action: 'inventory.read' },
      { label: 'Components', href: '/components', action: 'component.read' },
      { label: 'Connections', href: '/connections', action: 'connection.read' },
      { label: 'Owners', href: '/owners', action: 'ownership.read' },
    ],
  },
  {
    label: 'Proof',
    places: [{ label: 'Evidence', href: '/evidence', action: 'evidence.read' }],
  },
];

export const settingPlaces: readonly Place[] = [
  { label: 'People', href: '/settings/people', action: 'user.read' },
  { label: 'API tokens', href: '/settings/tokens' },
  { label: 'Passkeys', href: '/settings/passkeys' },
];

/** Whether a path is the place or lies inside it. */
export function isAt(path: string, place: Pick<Place, 'href'>): boolean {
  return place.href === '/'
    ? path === '/'
    : path === place.href || path.startsWith(`${place.href}/`);
}
