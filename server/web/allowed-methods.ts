// Which methods an address takes, so that the wrong one is told the right ones (RFC 9110, 15.5.6).
import type { App } from './server-types.ts';

export interface KnownRoute {
  readonly url: string;
  readonly methods: readonly string[];
}

/** Has to be called before the routes are there; the list fills as they come. */
export function rememberRoutes(app: App): readonly KnownRoute[] {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', ({ url, method }) => {
    routes.push({ url, methods: [method].flat() });
  });
  return routes;
}

function matches(url: string, path: string): boolean {
  return url.endsWith('/*') ? path.startsWith(url.slice(0, -1)) : path === url;
}

/** @returns nothing for an address that no route has */
export function allowedMethods(routes: readonly KnownRoute[], path: string): string[] {
  return [...new Set(routes.filter(({ url }) => matches(url, path)).flatMap(({ methods }) => methods))].sort();
}
