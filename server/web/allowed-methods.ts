// The methods of each path, for the Allow header of status 405 (RFC 9110, 15.5.6).
import type { App } from './server-types.ts';

export interface KnownRoute {
  readonly url: string;
  readonly methods: readonly string[];
}

/** Call it before routes are added: the list fills as they are. */
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

/** @returns an empty list for an unknown path */
export function allowedMethods(routes: readonly KnownRoute[], path: string): string[] {
  return [...new Set(routes.filter(({ url }) => matches(url, path)).flatMap(({ methods }) => methods))].sort();
}
