// The result of a login, in words.
import { problemOf, RateLimitedError } from '../live/api.ts';

export interface Refused {
  readonly title: string;
  readonly detail: string;
  /** Seconds before the next attempt. */
  readonly waitSec?: number;
}

/** A part of a link, or something else behind the #. */
export const BROKEN_LINK: Refused = {
  title: 'This is not a valid login link',
  detail: 'Copy the whole link from the terminal where cgdeck runs, or enter the token.',
};

/** @param byLink the token came from a link of the terminal, which is valid for one login */
export function refusedLogin(error: unknown, byLink: boolean): Refused {
  const problem = problemOf(error);
  if (error instanceof RateLimitedError)
    return { title: 'Too many attempts', detail: 'Wait a little, then try again.', waitSec: error.retryAfterSec };
  switch (problem.code) {
    case 'unauthenticated':
      return byLink
        ? {
            title: 'This link is no longer valid',
            detail: 'A link is valid for one login. The terminal where cgdeck runs prints a new one after each use, and after a restart.',
          }
        : {
            title: 'That token is wrong',
            detail: 'Use the token from the link in the terminal, or the one in CGDECK_TOKEN or CGDECK_VIEWER_TOKEN.',
          };
    case 'agent_unavailable':
      return { title: 'The server does not answer', detail: 'Is cgdeck running? Try again in a moment.' };
    default:
      return { title: problem.title, detail: problem.detail };
  }
}
