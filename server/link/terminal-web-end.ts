// The web process's end of a terminal: its own WebSocket to the agent, which can be held without holding anything else.
import { type RawData, WebSocket } from 'ws';
import { parseJson } from '../contract/parse-json.ts';
import { TerminalMessage, type TerminalQuery, type TerminalRequest } from '../contract/terminal.ts';
import { TERMINAL_CLOSE, TERMINAL_PATH, UNSENT_OUTPUT_BYTES } from './bounds.ts';

/** The agent is on this machine: it lets in at once or not at all. */
const HANDSHAKE_MS = 5000;

export interface TerminalLinkOptions {
  readonly socketPath: string;
  readonly linkKey: string;
}

export interface TerminalAsked extends TerminalQuery {
  /** Whether input and sizes are taken. */
  readonly mayType: boolean;
  /** Who asks, for the journal. */
  readonly by: string;
}

export interface TerminalHearer {
  readonly onOpen: () => void;
  readonly onOutput: (bytes: Uint8Array) => void;
  readonly onMessage: (message: TerminalMessage) => void;
  /** Called once, whoever closed it. @param behind the output was not taken in time; otherwise the agent is gone, or has said why before */
  readonly onClosed: (behind: boolean) => void;
}

export interface TerminalLink {
  /** Input that has not left this process. */
  readonly unsentBytes: number;
  input(bytes: Uint8Array): void;
  resize(request: Extract<TerminalRequest, { type: 'resize' }>): void;
  /** Reads on, or leaves output where it is: what was read already may still come. */
  hold(held: boolean): void;
  close(): void;
}

/** How the web process opens one; a test may open something else. */
export type OpenTerminalLink = (asked: TerminalAsked, hearer: TerminalHearer) => TerminalLink;

export function openTerminalLink(options: TerminalLinkOptions, asked: TerminalAsked, hearer: TerminalHearer): TerminalLink {
  const query = new URLSearchParams({ group: asked.group, id: asked.id, type: asked.mayType ? '1' : '0', by: asked.by });
  const socket = new WebSocket(`ws+unix:${options.socketPath}:${TERMINAL_PATH}?${query}`, {
    headers: { authorization: `Bearer ${options.linkKey}` },
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_MS,
    // The agent sends what one read of a socket gives, and problems.
    maxPayload: 2 * UNSENT_OUTPUT_BYTES,
  });
  const send = (data: Uint8Array | string) => {
    if (socket.readyState === socket.OPEN) socket.send(data);
  };

  function receive(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      hearer.onOutput(data as Buffer);
      return;
    }
    const message = TerminalMessage.safeParse(parseJson(String(data)));
    // An agent of another version: a restart brings both to the same.
    if (message.success) hearer.onMessage(message.data);
    else socket.terminate();
  }

  socket.on('open', hearer.onOpen);
  socket.on('message', receive);
  // Each error is followed by close, which is where it is handled.
  socket.on('error', () => undefined);
  socket.on('close', (code) => hearer.onClosed(code === TERMINAL_CLOSE.tryAgain));

  return {
    get unsentBytes() {
      return socket.bufferedAmount;
    },
    input: send,
    resize: (request) => send(JSON.stringify(request)),
    hold(held) {
      if (held) socket.pause();
      else socket.resume();
    },
    close: () => socket.terminate(),
  };
}
