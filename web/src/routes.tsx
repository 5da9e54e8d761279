import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  useParams,
} from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { notFound } from '../../src/model/errors.ts';
import { parseSearch, withSearch } from './kit/navigation.tsx';
import { ErrorState } from './kit/states.tsx';

function NoPage() {
  return <ErrorState error={notFound('There is no page at this address.')} />;
}

const rootRoute = createRootRoute({
  notFoundComponent: NoPage,
  errorComponent: ({ error }) => <ErrorState error={error} />,
});

const gates = [
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/sign-in',
    component: lazyRouteComponent(() => import('./pages/gate/sign-in-page.tsx'), 'SignInPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/set-up',
    component: lazyRouteComponent(() => import('./pages/gate/set-up-page.tsx'), 'SetUpPage'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/join',
    component: lazyRouteComponent(() => import('./pages/gate/set-up-page.tsx'), 'JoinPage'),
  }),
];

/** Path → the page, each in a bundle of its own. */
const pages = {
  '/': lazyRouteComponent(() => import('./pages/overview/overview-page.tsx'), 'OverviewPage'),
  '/connections': lazyRouteComponent(
    () => import('./pages/connections/connections-page.tsx'),
    'ConnectionsPage',
  ),
  '/connections/add': lazyRouteComponent(
    () => import('./pages/connections/add-connection-page.tsx'),
    'AddConnectionPage',
  ),
  '/connections/$id': thing(
    async () => (await import('./pages/connections/connection-page.tsx')).ConnectionPage,
  ),
  '/containers': lazyRouteComponent(
    () => import('./pages/containers/containers-page.tsx'),
    'ContainersPage',
  ),
  '/containers/$id': thing(
    async () => (await import('./pages/containers/container-page.tsx')).ContainerPage,
  ),
  '/images': lazyRouteComponent(() => import('./pages/images/images-page.tsx'), 'ImagesPage'),
  '/images/$id': thing(async () => (await import('./pages/images/image-page.tsx')).ImagePage),
  '/components': lazyRouteComponent(
    () => import('./pages/components/components-page.tsx'),
    'ComponentsPage',
  ),
  '/components/$id': thing(
    async () => (await import('./pages/components/component-page.tsx')).ComponentPage,
  ),
  '/owners': lazyRouteComponent(() => import('./pages/owners/owners-page.tsx'), 'OwnersPage'),
  '/settings/people': lazyRouteComponent(
    () => import('./pages/settings/people-page.tsx'),
    'PeoplePage',
  ),
  '/settings/tokens': lazyRouteComponent(
    () => import('./pages/settings/tokens-page.tsx'),
    'TokensPage',
  ),
  '/settings/passkeys': lazyRouteComponent(
    () => import('./pages/settings/passkeys-page.tsx'),
    'PasskeysPage',
  ),
  '/evidence': lazyRouteComponent(
    () => import('./pages/evidence/evidence-page.tsx'),
    'EvidencePage',
  ),
} as const;

/** The page of one thing, by the id in its address; another id is another page. */
function thing(load: () => Promise<ComponentType<{ readonly id: string }>>) {
  return lazyRouteComponent(async () => {
    const Page = await load();
    return {
      ThingById: () => {
        const { id = '' } = useParams({ strict: false });
        return <Page id={id} key={id} />;
      },
    };
  }, 'ThingById');
}

export function createConsoleRouter(frame: ComponentType) {
  const inside = createRoute({
    getParentRoute: () => rootRoute,
    id: 'console',
    component: frame as () => React.ReactNode,
  });
  const children = Object.entries(pages).map(([path, component]) =>
    createRoute({ getParentRoute: () => inside, path, component }),
  );
  const router = createRouter({
    routeTree: rootRoute.addChildren([...gates, inside.addChildren(children)]),
    // The address is plain text, as a person would write it.
    parseSearch: (text) => parseSearch(text),
    stringifySearch: (search) => withSearch('', {}, search as Record<string, string>),
    defaultPreload: 'intent',
    defaultNotFoundComponent: NoPage,
  });
  // The router's own scroll restoration needs an inline script, which the server forbids.
  router.history.subscribe(({ action, location }) => {
    if (action.type !== 'PUSH') return;
    if (location.pathname !== router.state.location.pathname) window.scrollTo(0, 0);
  });
  return router;
}
