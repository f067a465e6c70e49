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
      return liveWords(state);
    case 'reconnecting':
      return {
        word: 'Reconnecting',
        detail: `${CAUSE[state.cause]}; the screen is from ${formatClock(state.sinceMs)}. The program still runs.${state.waitingBytes === 0 ? '' : ` ${typedWords(state.waitingBytes)} will be sent once it is back.`}`,
      };
    case 'ended':
      return {
        word: 'Ended',
        detail: `The program has ended; this is its last screen.${lostWords(state.lostBytes)}`,
      };
    case 'refused':
      return {
        word: 'Not connected',
        detail: 'The live connection is refused: by a proxy? A terminal needs WebSockets. The program still runs; this is tried again.',
      };
    case 'problem':
      return { word: 'Not connected', ...(state.lostBytes > 0 && { detail: lostWords(state.lostBytes).trim() }) };
    case 'denied':
      return { word: 'Logged out', detail: 'Log in to continue.' };
    default:
      return state satisfies never;
  }
}

function liveWords({ mayType, lostBytes, otherSize }: Extract<TerminalState, { is: 'live' }>): TerminalWords {
  const details = [
    mayType ? '' : 'A viewer cannot type.',
    lostWords(lostBytes).trim(),
    otherSize ? `It has the size of another screen, ${otherSize.columns} × ${otherSize.rows}: lines may break elsewhere than here.` : '',
  ].filter((detail) => detail !== '');
  return { word: mayType ? 'Live' : 'Read only', ...(details.length > 0 && { detail: details.join(' ') }) };
}

function lostWords(bytes: number): string {
  return bytes === 0 ? '' : ` ${typedWords(bytes)} may not have reached the program.`;
}

function typedWords(bytes: number): string {
  return bytes === 1 ? 'One typed character' : `${bytes} typed characters`;
}

/** Whether the screen is not live. */
export function isOldScreen({ is }: TerminalState): boolean {
  return is === 'reconnecting' || is === 'ended' || is === 'denied' || is === 'refused';
}
