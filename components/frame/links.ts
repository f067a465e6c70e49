// The addresses of the pages. A URL holds the state of the view, so that another person sees the same by the link.

export function groupHref(path: string, tab?: string): string {
  const search = new URLSearchParams({ path });
  if (tab !== undefined) search.set('tab', tab);
  return `/group?${search}`;
}

/** After the address of a terminal: the terminal takes the keyboard focus once it is connected. */
export const TO_TYPE = '#type';

export function eventsHref(filter: { group?: string; kinds?: readonly string[] } = {}): string {
  const search = new URLSearchParams();
  if (filter.group !== undefined) search.set('group', filter.group);
  if (filter.kinds !== undefined && filter.kinds.length > 0) search.set('kinds', filter.kinds.join(','));
  const text = search.toString();
  return text === '' ? '/events' : `/events?${text}`;
}

export function loginHref(returnTo: string): string {
  return returnTo === '/' ? '/login' : `/login?return=${encodeURIComponent(returnTo)}`;
}

/** Where to go after the login: only a page of this origin. */
export function safeReturn(asked: string | null): string {
  return asked !== null && /^\/(?![/\\])/.test(asked) && !asked.startsWith('/login') ? asked : '/';
}
