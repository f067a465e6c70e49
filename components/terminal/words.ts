// What is said beside a terminal of its state: a word, and a sentence where one is needed.
import { formatClock } from '../../server/contract/units.ts';
import type { TerminalState } from './connection.ts';

export interface TerminalWords {
  readonly word: string;
  readonly detail?: string;
}

const CAUSE = {
  server: 'The server is away',
  agent: 'The agent is away',
  behind: 'There was more output than this page could show',
} as const;

export function terminalWords(state: TerminalState): TerminalWords {
  switch (state.is) {
    case 'connecting':
      return { word: 'Connecting' };
    case 'live':
      return state.mayType ? { word: 'Live' } : { word: 'Read only', detail: 'A viewer watches; what is typed here goes nowhere.' };
    case 'reconnecting':
      return {
        word: 'Reconnecting',
        detail: `${CAUSE[state.cause]}; the screen is from ${formatClock(state.sinceMs)}. The program runs on.`,
      };
    case 'ended':
      return { word: 'Ended', detail: 'The program is gone; this is its last screen.' };
    case 'problem':
      return { word: 'Not connected' };
    case 'denied':
      return { word: 'Logged out', detail: 'Log in to go on.' };
    default:
      return state satisfies never;
  }
}

/** Whether what is on the screen is from before now. */
export function isOldScreen({ is }: TerminalState): boolean {
  return is === 'reconnecting' || is === 'ended' || is === 'denied';
}
