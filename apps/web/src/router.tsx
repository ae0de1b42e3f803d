import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { parseSearch, readUrlParams, stringifySearch } from './data/url.ts';
import { NotFoundPage } from './shell/NotFoundPage.tsx';
import { Shell } from './shell/Shell.tsx';

const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
  validateSearch: readUrlParams,
});

const home = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./features/setup/HomePage.tsx'), 'HomePage'),
});
const setup = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  component: lazyRouteComponent(() => import('./features/setup/SetupPage.tsx'), 'SetupPage'),
});
const explorer = createRoute({
  getParentRoute: () => rootRoute,
  path: '/traces',
  component: lazyRouteComponent(() => import('./features/traces/ExplorerPage.tsx'), 'ExplorerPage'),
});
const trace = createRoute({
  getParentRoute: () => rootRoute,
  path: '/trace/$traceId',
  component: lazyRouteComponent(() => import('./features/trace/TracePage.tsx'), 'TracePage'),
});
const services = createRoute({
  getParentRoute: () => rootRoute,
  path: '/services',
  component: lazyRouteComponent(
    () => import('./features/services/ServicesPage.tsx'),
    'ServicesPage',
  ),
});
const map = createRoute({
  getParentRoute: () => rootRoute,
  path: '/map',
  component: lazyRouteComponent(() => import('./features/map/MapPage.tsx'), 'MapPage'),
});
const system = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/system',
  component: lazyRouteComponent(() => import('./features/system/SystemPage.tsx'), 'SystemPage'),
});
const xray = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings/xray',
  component: lazyRouteComponent(() => import('./features/xray/XRayPage.tsx'), 'XRayPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([home, setup, explorer, trace, services, map, system, xray]),
  parseSearch,
  stringifySearch,
  defaultPreload: 'intent',
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
