// The web process's end of a terminal: a WebSocket of its own to the agent, which can be paused alone.
import { type RawData, WebSocket } from 'ws';
import { parseJson } from '../contract/parse-json.ts';
import { TerminalMessage, type TerminalQuery, type TerminalRequest } from '../contract/terminal.ts';
import { TERMINAL_CLOSE, TERMINAL_PATH, UNSENT_OUTPUT_BYTES } from './bounds.ts';

/** The agent is on this machine: it accepts at once or not at all. */
const HANDSHAKE_MS = 5000;

export interface TerminalLinkOptions {
  readonly socketPath: string;
  readonly linkKey: string;
}

export interface TerminalAsked extends TerminalQuery {
  /** Whether input and sizes are accepted. */
  readonly mayType: boolean;
  /** Who opens it, for the journal. */
  readonly by: string;
  /** It replaces an open one, which is in the journal. */
  readonly again: boolean;
}

export interface TerminalHandlers {
  readonly onOpen: () => void;
  readonly onOutput: (bytes: Uint8Array) => void;
  readonly onMessage: (message: TerminalMessage) => void;
  /** Called once, whoever closed it. @param behind output was not read in time; otherwise the agent disconnected or sent a problem before */
  readonly onClosed: (behind: boolean) => void;
}

export interface TerminalLink {
  /** Input that is not sent yet. */
  readonly unsentBytes: number;
  input(bytes: Uint8Array): void;
  resize(request: Extract<TerminalRequest, { type: 'resize' }>): void;
  /** Pauses or resumes output; some that was read before may still come. */
  pause(paused: boolean): void;
  close(): void;
}

/** How the web process opens a terminal; replaced in tests. */
export type OpenTerminalLink = (asked: TerminalAsked, handlers: TerminalHandlers) => TerminalLink;

export function openTerminalLink(options: TerminalLinkOptions, asked: TerminalAsked, handlers: TerminalHandlers): TerminalLink {
  const query = new URLSearchParams({
    group: asked.group,
    ...(asked.inode === undefined ? {} : { inode: String(asked.inode) }),
    id: asked.id,
    type: asked.mayType ? '1' : '0',
    by: asked.by,
    again: asked.again ? '1' : '0',
  });
  const socket = new WebSocket(`ws+unix:${options.socketPath}:${TERMINAL_PATH}?${query}`, {
    headers: { authorization: `Bearer ${options.linkKey}` },
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    // The agent sends the result of one read, or a problem.
    maxPayload: 2 * UNSENT_OUTPUT_BYTES,
  });
  const send = (data: Uint8Array | string) => {
    if (socket.readyState === socket.OPEN) socket.send(data);
  };

  function receive(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      handlers.onOutput(data as Buffer);
      return;
    }
    const message = TerminalMessage.safeParse(parseJson(String(data)));
    // Otherwise the agent is of another version, until both are restarted.
    if (message.success) handlers.onMessage(message.data);
    else socket.terminate();
  }

  socket.on('open', handlers.onOpen);
  socket.on('message', receive);
  // Each error is followed by close, which is handled.
  socket.on('error', () => undefined);
  socket.on('close', (code) => handlers.onClosed(code === TERMINAL_CLOSE.tryAgain));

  return {
    get unsentBytes() {
      return socket.bufferedAmount;
    },
    input: send,
    resize: (request) => send(JSON.stringify(request)),
    pause(paused) {
      if (paused) socket.pause();
      else socket.resume();
    },
    close: () => socket.terminate(),
  };
}
