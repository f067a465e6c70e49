// All terminals that browsers have open, their number and time limits.
import type { FastifyBaseLogger } from 'fastify';
import type { WebSocket } from 'ws';
import { ProblemError } from '../../contract/problems.ts';
import { type TerminalMessage, TerminalOpening, type TerminalSize } from '../../contract/terminal.ts';
import { MAX_INPUT_BYTES } from '../../contract/terminal-bounds.ts';
import { MAX_TERMINALS, TERMINAL_CLOSE, VIEWERS_MOST_TERMINALS } from '../../link/bounds.ts';
import type { OpenTerminalLink } from '../../link/terminal-web-end.ts';
import type { Actor } from '../access.ts';
import { type Endpoint, readQuery } from '../web-sockets.ts';
import { TerminalClient } from './terminal-client.ts';
import { TypedBytes } from './typed-bytes.ts';

const CHECK_EVERY_MS = 500;

export interface TerminalsOptions {
  readonly openLink: OpenTerminalLink;
  readonly log: FastifyBaseLogger;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
  /** Longer in tests, which call `check` themselves. */
  readonly checkEveryMs?: number;
}

export class Terminals {
  readonly endpoint: Endpoint = {
    path: '/api/v1/terminal',
    maxMessageBytes: MAX_INPUT_BYTES,
    accept: (actor, given) => {
      const query = readQuery(TerminalOpening, given);
      return (socket) => this.#add(socket, actor, query);
    },
  };
  readonly #options: TerminalsOptions;
  readonly #clients = new Set<TerminalClient>();
  readonly #typed = new TypedBytes();
  readonly #checks: NodeJS.Timeout;

  constructor(options: TerminalsOptions) {
    this.#options = options;
    this.#checks = setInterval(() => this.check(), options.checkEveryMs ?? CHECK_EVERY_MS);
    this.#checks.unref();
  }

  get open(): number {
    return this.#clients.size;
  }

  /** Closes terminals whose time limits have passed. */
  check(): void {
    for (const client of this.#clients) client.check(Date.now());
  }

  /** Closes the terminals of a session that was logged out. */
  endSession(id: string): void {
    for (const client of this.#clients) if (client.actor.session?.id === id) client.close(TERMINAL_CLOSE.policy, 'logged out');
  }

  /** The agent hangs or has disconnected: input would be lost. */
  agentGone(): void {
    for (const client of this.#clients) client.agentGone();
  }

  /** Asks all clients to close; they may reconnect later. */
  close(): void {
    clearInterval(this.#checks);
    for (const client of this.#clients) client.close(TERMINAL_CLOSE.goingAway, 'cgdeck is stopping');
  }

  terminate(): void {
    for (const client of this.#clients) client.terminate();
  }

  #add(socket: WebSocket, actor: Actor, query: TerminalOpening): void {
    const most = actor.role === 'operator' ? MAX_TERMINALS : VIEWERS_MOST_TERMINALS;
    if (this.#clients.size >= most) {
      // Refused after the handshake: browsers hide from pages why a handshake failed.
      const { problem } = new ProblemError(
        'rate_limited',
        `${most} terminals are open already${most < MAX_TERMINALS ? ', and the last places are for operators' : ''}: close one and try again.`,
      );
      socket.on('error', () => undefined);
      socket.send(JSON.stringify({ type: 'problem', problem } satisfies TerminalMessage));
      socket.close(TERMINAL_CLOSE.normal);
      return;
    }
    const { openLink, log, now = () => performance.now() } = this.#options;
    log.info({ by: actor.name, group: query.group, id: query.id }, 'a terminal is opened');
    const onSize = (size: TerminalSize) => {
      for (const other of this.#clients) if (other !== client && other.of === client.of) other.resized(size);
    };
    const client = new TerminalClient(socket, { actor, query, typed: this.#typed, openLink, onSize, now });
    // What still comes from the screen's last connection, which is dead to its page, would be typed twice.
    for (const other of this.#clients) if (client.screen !== undefined && other.screen === client.screen) other.terminate();
    this.#clients.add(client);
    socket.once('close', () => this.#clients.delete(client));
  }
}
