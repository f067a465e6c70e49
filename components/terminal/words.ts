// A terminal’s state in words: one, and a sentence where it is needed.
import { formatClock } from '../../server/contract/units.ts';
import type { TerminalState } from './connection.ts';

export interface TerminalWords {
  readonly word: string;
  readonly detail?: string;
}

const CAUSE = {
  server: 'The server does not answer',
  agent: 'The agent does not answer',
  behind: 'There was more output than this page could show',
} as const;

export function terminalWords(state: TerminalState): TerminalWords {
  switch (state.is) {
    case 'connecting':
      return { word: 'Connecting' };
    case 'live':
      return state.mayType ? { word: 'Live' } : { word: 'Read only', detail: 'A viewer cannot type.' };
    case 'reconnecting':
      return {
        word: 'Reconnecting',
        detail: `${CAUSE[state.cause]}; the screen is from ${formatClock(state.sinceMs)}. The program still runs.`,
      };
    case 'ended':
      return { word: 'Ended', detail: 'The program has ended; this is its last screen.' };
    case 'problem':
      return { word: 'Not connected' };
    case 'denied':
      return { word: 'Logged out', detail: 'Log in to continue.' };
    default:
      return state satisfies never;
  }
}

/** Whether the screen is not live. */
export function isOldScreen({ is }: TerminalState): boolean {
  return is === 'reconnecting' || is === 'ended' || is === 'denied';
}
