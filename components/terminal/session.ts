// A screen and the connection that fills it.
import { ProblemError } from '../../server/contract/problems.ts';
import { api } from '../live/api.ts';
import { TerminalConnection, type TerminalSocket, type TerminalState } from './connection.ts';
import { Screen, type ScreenOptions } from './screen.ts';

export interface SessionOptions extends Pick<ScreenOptions, 'element' | 'onLeave' | 'onCopy'> {
  readonly group: string;
  readonly id: string;
  readonly onState: (state: TerminalState) => void;
  readonly onScreen: (screen: Screen) => void;
}

function openSocket(group: string, id: string): TerminalSocket {
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  // A browser’s WebSocket has all that TerminalSocket needs; its handlers take more than these use.
  return new WebSocket(`${scheme}://${location.host}/api/v1/terminal?${new URLSearchParams({ group, id })}`) as unknown as TerminalSocket;
}

async function isDenied(): Promise<boolean> {
  try {
    await api.session();
    return false;
  } catch (error) {
    return error instanceof ProblemError && error.problem.code === 'unauthenticated';
  }
}

/** @returns ends both */
export function openSession({ group, id, onState, onScreen, ...screenOptions }: SessionOptions): () => void {
  let screen: Screen | undefined;
  let isOver = false;
  const connection = new TerminalConnection({
    open: () => openSocket(group, id),
    isDenied,
    isHidden: () => document.hidden,
    now: () => Date.now(),
    onState: (state) => {
      screen?.setMayType(state.is === 'live' && state.mayType);
      onState(state);
    },
    onReset: () => screen?.reset(),
    onOutput: (bytes, isOld, shown) => screen?.write(bytes, isOld, shown),
  });
  const visibilityChanged = () => connection.visibilityChanged();
  document.addEventListener('visibilitychange', visibilityChanged);
  void Screen.open({
    ...screenOptions,
    onInput: (bytes) => connection.type(bytes),
    onSize: (columns, rows) => connection.resize(columns, rows),
  }).then((opened) => {
    if (isOver) {
      opened.dispose();
      return;
    }
    screen = opened;
    onScreen(opened);
    connection.start();
  });
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', visibilityChanged);
    connection.stop();
    screen?.dispose();
  };
}
