import { Drawer, Menu, useMantineColorScheme } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { Outlet, useLocation } from '@tanstack/react-router';
import { connectionsEndpoints } from '../../../src/features/connections/connections-contract.ts';
import { signInEndpoints } from '../../../src/features/sign-in/sign-in-contract.ts';
import { client, useApi } from '../kit/api.ts';
import { plural } from '../kit/format.ts';
import { Anchor } from '../kit/icons.tsx';
import { A, useGo } from '../kit/navigation.tsx';
import { Pill } from '../kit/pill.tsx';
import { useSession } from '../kit/session.ts';
import { Palette } from './palette.tsx';
import { isAt, type Place, type PlaceGroup, placeGroups, settingPlaces } from './places.ts';

/** The frame of every page: navigation by question, search, how fresh it all is, who is here. */
export function Shell() {
  const [isSearching, search] = useDisclosure(false);
  useHotkeys([
    ['/', search.open],
    ['mod+K', search.open],
  ]);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <Navigation />
      <div>
        <header className="top">
          <button
            aria-haspopup="dialog"
            className="search-field"
            onClick={search.open}
            type="button"
          >
            <span>Search a container, image, component…</span>
            <kbd>/</kbd>
          </button>
          <div className="row" style={{ flexWrap: 'nowrap' }}>
            <SilentConnections />
            <UserMenu />
          </div>
        </header>
        <main id="main" tabIndex={-1} style={{ outline: 'none' }}>
          <Outlet />
        </main>
      </div>
      <BottomBar />
      <Palette isOpen={isSearching} onClose={search.close} />
    </div>
  );
}

function useGroups(): readonly PlaceGroup[] {
  const { actions } = useSession();
  const may = (place: Place): boolean =>
    place.action === undefined || actions.includes(place.action);
  return placeGroups
    .map((group) => ({ ...group, places: group.places.filter(may) }))
    .filter(({ places }) => places.length > 0);
}

function PlaceLinks({
  places,
  onFollow,
}: {
  readonly places: readonly Place[];
  readonly onFollow?: (() => void) | undefined;
}) {
  const { pathname } = useLocation();
  return (
    <ul>
      {places.map((place) => (
        <li key={place.href}>
          <A
            aria-current={isAt(pathname, place) ? 'page' : undefined}
            href={place.href}
            onClick={onFollow}
          >
            {place.label}
          </A>
        </li>
      ))}
    </ul>
  );
}

function Navigation() {
  const groups = useGroups();
  return (
    <nav aria-label="Pages" className="nav">
      <A className="brand" href="/">
        <Anchor size={20} /> Wharfinger
      </A>
      {groups.map(({ label, places }) => (
        <section key={label}>
          {label === '' ? null : <h2>{label}</h2>}
          <PlaceLinks places={places} />
        </section>
      ))}
    </nav>
  );
}

function SilentConnections() {
  const { actions } = useSession();
  const connections = useApi(
    connectionsEndpoints.listConnections,
    { query: { limit: 200 } },
    { every: 10_000, isOff: !actions.includes('connection.read') },
  );
  const all = connections.data?.items ?? [];
  const silent = all.filter(({ state }) => state === 'stopped').length;
  if (silent === 0) return null;
  return (
    <A className="silent-pill" href="/connections">
      <Pill tone="critical">
        {silent} of {plural(all.length, 'connection')} stopped
      </Pill>
    </A>
  );
}

/** `Jo Mayer` → `JM`. */
export function initials(name: string): string {
  const parts = name.trim().split(/\s+/);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined];
  return letters.map((part) => part?.match(/./u)?.[0].toUpperCase() ?? '').join('');
}

/** Loads the page anew: what this person read must not stay in a shared browser's memory. */
async function signOut(): Promise<void> {
  await client(signInEndpoints.signOut).catch(() => undefined);
  window.location.assign('/sign-in');
}

function UserMenu() {
  const { user, actions } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const go = useGo();
  const schemes = [
    ['light', 'Light'],
    ['dark', 'Dark'],
    ['auto', 'As the system'],
  ] as const;
  return (
    <Menu position="bottom-end" transitionProps={{ duration: 100 }} width={220}>
      <Menu.Target>
        <button aria-label={`You: ${user.name}`} className="me" type="button">
          {initials(user.name)}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {user.name}, {user.role}
        </Menu.Label>
        {settingPlaces
          .filter(({ action }) => action === undefined || actions.includes(action))
          .map(({ href, label }) => (
            <Menu.Item key={href} onClick={() => go(href)}>
              {label}
            </Menu.Item>
          ))}
        <Menu.Divider />
        <Menu.Label>Look</Menu.Label>
        {schemes.map(([scheme, label]) => (
          <Menu.Item
            key={scheme}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme ? 'now' : undefined}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** The thumb's navigation on a phone: the groups, and the rest under More. */
function BottomBar() {
  const { pathname } = useLocation();
  const groups = useGroups();
  const [open, panel] = useDisclosure(false);
  const { actions } = useSession();
  const isEstate = groups
    .filter(({ label }) => label === 'Estate')
    .some(({ places }) => places.some((place) => isAt(pathname, place)));
  const settings = settingPlaces.filter(
    ({ action }) => action === undefined || actions.includes(action),
  );
  return (
    <>
      <nav aria-label="Pages, short" className="bottom">
        <A aria-current={pathname === '/' ? 'page' : undefined} href="/">
          Overview
        </A>
        <A aria-current={isEstate ? 'page' : undefined} href="/containers">
          Estate
        </A>
        <A
          aria-current={isAt(pathname, { href: '/evidence' }) ? 'page' : undefined}
          href="/evidence"
        >
          Proof
        </A>
        <button aria-haspopup="dialog" onClick={panel.open} type="button">
          More
        </button>
      </nav>
      <Drawer onClose={panel.close} opened={open} position="bottom" size="auto" title="All pages">
        <div className="more-places">
          {[...groups, { label: 'Settings', places: settings }].map(({ label, places }) => (
            <section key={label}>
              {label === '' ? null : <h2 className="third">{label}</h2>}
              <PlaceLinks onFollow={panel.close} places={places} />
            </section>
          ))}
        </div>
      </Drawer>
    </>
  );
}
