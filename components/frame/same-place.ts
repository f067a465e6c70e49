// Whether a person is still where they asked for something: an answer that comes late moves no person.
'use client';

/** The page and its group; not what else the address has, such as the tab. */
const place = () => `${location.pathname} ${new URLSearchParams(location.search).get('path') ?? ''}`;

/** Remembers the present place. @returns whether the person is still there */
export function stayingHere(): () => boolean {
  const at = place();
  return () => place() === at;
}
