// The agent's end of a terminal: a WebSocket of its own, so that its back pressure delays no frames.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { invalidSentence } from '../contract/invalid.ts';
import { parseJson } from '../contract/parse-json.ts';
import { type Problem, ProblemError } from '../contract/problems.ts';
import { type TerminalMessage, TerminalQuery, TerminalRequest } from '../contract/terminal.ts';
import { MAX_INPUT_BYTES } from '../contract/terminal-bounds.ts';
import { MAX_TERMINAL_LINKS, TERMINAL_CLOSE, TERMINAL_PATH, UNSENT_OUTPUT_BYTES } from './bounds.ts';

/** Receives what a terminal of the agent sends. */
export interface TerminalPeer {
  /** @returns whether it takes more; if not, `read` is called once it does */
  output(bytes: Uint8Array): boolean;
  /** The replay has ended: output from now on is new. */
  live(): void;
  /** The program has ended, and all of its output was passed on. */
  ended(): void;
  /** The monitor disconnected us, as when we did not read its output in time; a new connection replays the screen. */
  behind(): void;
  /** The terminal failed. */
  failed(error: ProblemError): void;
}

/** A terminal of the agent: sends nothing before the first `read`. After its end each method does nothing. */
export interface AgentTerminal {
  /** Different for each run of the program. */
  readonly run: string;
  /** The peer accepts output (again). */
  read(): void;
  input(bytes: Uint8Array): void;
  resize(columns: number, rows: number): void;
  close(): void;
}

/** @throws ProblemError not_found if there is no such terminal, conflict if it has ended, replaced if another group has its name */
export type OpenTerminal = (query: TerminalQuery, peer: TerminalPeer, watcher: TerminalWatcher) => Promise<AgentTerminal>;

export interface TerminalWatcher {
  readonly mayType: boolean;
  readonly by: string;
  /** It is in the journal already. */
  readonly again: boolean;
}

export interface TerminalAgentEndOptions {
  readonly openTerminal: OpenTerminal;
  /** Called for a bug in opening one. */
  readonly onBug: (error: unknown) => void;
}

const Flag = z.enum(['0', '1']);
const LinkQuery = TerminalQuery.extend({ type: Flag, by: z.string().min(1).max(128), again: Flag.default('0') });

export class TerminalAgentEnd {
  readonly #options: TerminalAgentEndOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_INPUT_BYTES,
    clientTracking: false,
  });
  readonly #sockets = new Set<WebSocket>();

  constructor(options: TerminalAgentEndOptions) {
    this.#options = options;
  }

  isFor(url: URL): boolean {
    return url.pathname === TERMINAL_PATH;
  }

  /** @param socket of a peer that was checked */
  accept(request: IncomingMessage, url: URL, socket: Socket, head: Buffer): void {
    this.#server.handleUpgrade(request, socket, head, (accepted) => {
      // A protocol error closes the socket; without a listener it would end the process.
      accepted.on('error', () => undefined);
      accepted.on('close', () => this.#sockets.delete(accepted));
      const isFull = this.#sockets.size >= MAX_TERMINAL_LINKS;
      this.#sockets.add(accepted);
      if (isFull) {
        const detail = `${MAX_TERMINAL_LINKS} terminals are open already: close one and try again.`;
        refuse(accepted, new ProblemError('rate_limited', detail).problem);
      } else void this.#begin(accepted, Object.fromEntries(url.searchParams));
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  async #begin(socket: WebSocket, given: unknown): Promise<void> {
    const query = LinkQuery.safeParse(given);
    if (!query.success) {
      refuse(socket, new ProblemError('invalid', invalidSentence(query.error, 'The query', given)).problem);
      return;
    }
    const { type, by, again, ...which } = query.data;
    const mayType = type === '1';
    const peer = new SocketPeer(socket);
    // Early input waits in the socket.
    socket.pause();
    try {
      const terminal = await this.#options.openTerminal(which, peer, { mayType, by, again: again === '1' });
      peer.begin(terminal, mayType);
    } catch (error) {
      if (!(error instanceof ProblemError)) this.#options.onBug(error);
      const fault = 'The agent could not open the terminal because of an internal error; see its log.';
      peer.failed(error instanceof ProblemError ? error : new ProblemError('agent_unavailable', fault, { cause: error }));
    }
    socket.resume();
  }
}

function send(socket: WebSocket, message: TerminalMessage): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(message));
}

function refuse(socket: WebSocket, problem: Problem): void {
  send(socket, { type: 'problem', problem });
  socket.close(TERMINAL_CLOSE.normal);
}

class SocketPeer implements TerminalPeer {
  readonly #socket: WebSocket;
  #unsentBytes = 0;
  #isWaiting = false;
  #terminal: AgentTerminal | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  begin(terminal: AgentTerminal, mayType: boolean): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) {
      terminal.close();
      return;
    }
    this.#terminal = terminal;
    socket.on('close', () => terminal.close());
    socket.on('message', (data, isBinary) => this.#receive(terminal, mayType, data, isBinary));
    send(socket, { type: 'begin', mayType, run: terminal.run });
    terminal.read();
  }

  output(bytes: Uint8Array): boolean {
    this.#unsentBytes += bytes.length;
    this.#isWaiting = this.#unsentBytes >= UNSENT_OUTPUT_BYTES;
    this.#socket.send(bytes, () => this.#sent(bytes.length));
    return !this.#isWaiting;
  }

  live(): void {
    send(this.#socket, { type: 'live' });
  }

  ended(): void {
    send(this.#socket, { type: 'end' });
    this.#socket.close(TERMINAL_CLOSE.normal);
  }

  behind(): void {
    this.#socket.close(TERMINAL_CLOSE.tryAgain, 'output was not read in time');
  }

  failed(error: ProblemError): void {
    refuse(this.#socket, error.problem);
  }

  #sent(bytes: number): void {
    this.#unsentBytes -= bytes;
    if (!this.#isWaiting || this.#unsentBytes >= UNSENT_OUTPUT_BYTES) return;
    this.#isWaiting = false;
    this.#terminal?.read();
  }

  #receive(terminal: AgentTerminal, mayType: boolean, data: RawData, isBinary: boolean): void {
    const request = isBinary ? undefined : TerminalRequest.safeParse(parseJson(String(data)));
    // The web process sends nothing for a viewer.
    if (!mayType) this.#socket.close(TERMINAL_CLOSE.policy, 'a viewer may not type');
    else if (isBinary) terminal.input(data as Buffer);
    else if (request?.data?.type === 'resize') terminal.resize(request.data.columns, request.data.rows);
    else this.#socket.close(TERMINAL_CLOSE.garbage);
  }
}
