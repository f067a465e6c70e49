// A screen and the connection that fills it.
import { openSocket, probe } from '../live/api.ts';
import type { SeenGroup } from '../live/seen.ts';
import { onWake } from '../live/wake.ts';
import { TerminalConnection, type TerminalState } from './connection.ts';
import { Screen, type ScreenOptions } from './screen.ts';

export interface SessionOptions extends Pick<ScreenOptions, 'element' | 'onLeave' | 'onCopy'> {
  readonly group: SeenGroup;
  readonly id: string;
  readonly onState: (state: TerminalState) => void;
  readonly onScreen: (screen: Screen) => void;
}

export interface Session {
  /** Ends both. */
  readonly end: () => void;
  /** The terminal gets this screen’s size. */
  readonly applySize: () => void;
}

export function openSession({ group: { path, inode }, id, onState, onScreen, ...screenOptions }: SessionOptions): Session {
  let screen: Screen | undefined;
  let isOver = false;
  // Not by randomUUID: pages without TLS may lack it.
  const name = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const connection = new TerminalConnection({
    open: () => openSocket(`/terminal?${new URLSearchParams({ group: path, inode: String(inode), id, screen: name })}`),
    probe,
    onWake,
    isHidden: () => document.hidden,
    now: () => Date.now(),
    onState: (state) => {
      screen?.setMayType((state.is === 'live' || state.is === 'reconnecting') && state.mayType);
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
  const end = () => {
    isOver = true;
    document.removeEventListener('visibilitychange', visibilityChanged);
    connection.stop();
    screen?.dispose();
  };
  return { end, applySize: () => connection.applySize() };
}
