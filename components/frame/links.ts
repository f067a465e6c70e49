// The addresses of the pages. A URL holds the state of the view, so that another person sees the same by the link.

/** "?a=1&b=2"; without what is undefined or empty. */
export function searchOf(params: Readonly<Record<string, string | number | undefined>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) if (value !== undefined && value !== '') search.set(name, String(value));
  return search.size === 0 ? '' : `?${search}`;
}

export function groupHref(path: string, tab?: string): string {
  return `/group${searchOf({ path, tab })}`;
}

/** After the address of a terminal: the terminal takes the keyboard focus once it is connected. */
export const TO_TYPE = '#type';

export function eventsHref(group?: string): string {
  return `/events${searchOf({ group })}`;
}

/** @param id of an event that a report is about */
export function reportHref(id: number): string {
  return `/report${searchOf({ id })}`;
}

export function reportsHref(group?: string): string {
  return `/reports${searchOf({ group })}`;
}

export function loginHref(returnTo: string): string {
  return returnTo === '/' ? '/login' : `/login?return=${encodeURIComponent(returnTo)}`;
}

/** Where to go after the login: only a page of this origin. */
export function safeReturn(asked: string | null): string {
  return asked !== null && /^\/(?![/\\])/.test(asked) && !asked.startsWith('/login') ? asked : '/';
}
