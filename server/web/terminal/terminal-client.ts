// One browser at one terminal: its socket on one side, a link to the agent on the other, and a window of output between them.
import type { RawData, WebSocket } from 'ws';
import { invalidSentence } from '../../contract/invalid.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { type ProblemCode, ProblemError } from '../../contract/problems.ts';
import { type TerminalMessage, type TerminalQuery, TerminalRequest } from '../../contract/terminal.ts';
import { TERMINAL_CLOSE, UNREAD_INPUT_BYTES } from '../../link/bounds.ts';
import type { OpenTerminalLink, TerminalLink } from '../../link/terminal-web-end.ts';
import type { Actor } from '../access.ts';
import { OutputWindow } from './output-window.ts';

/** A program that waits for output to be taken waits for so long at most. */
const NO_ACK_MS = 10_000;
const PING_EVERY_MS = 20_000;
const MISSED_PINGS = 2;

export interface TerminalClientOptions {
  readonly actor: Actor;
  readonly query: TerminalQuery;
  readonly openLink: OpenTerminalLink;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export class TerminalClient {
  readonly actor: Actor;
  readonly #socket: WebSocket;
  readonly #now: () => number;
  readonly #mayType: boolean;
  readonly #window: OutputWindow;
  readonly #link: TerminalLink;
  /** Everything has been said, but for what the window still holds back. */
  #isEnding = false;
  #wasTold = false;
  #unansweredPings = 0;
  #pingedMs: number;

  constructor(socket: WebSocket, { actor, query, openLink, now }: TerminalClientOptions) {
    this.actor = actor;
    this.#socket = socket;
    this.#now = now;
    this.#pingedMs = now();
    this.#mayType = actor.role === 'operator';
    // A protocol fault closes the socket by itself; unheard, the event would end the process.
    socket.on('error', () => undefined);
    socket.on('pong', () => {
      this.#unansweredPings = 0;
    });
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#link.close());
    // What is typed at once waits in the socket until the agent can take it.
    socket.pause();
    this.#link = openLink(
      { ...query, mayType: this.#mayType, by: actor.name },
      {
        onOpen: () => socket.resume(),
        onOutput: (bytes) => this.#window.push(bytes),
        onMessage: (message) => this.#hear(message),
        onClosed: (behind) => this.#lost(behind),
      },
    );
    this.#window = new OutputWindow({ send: (bytes) => this.#send(bytes), hold: (held) => this.#link.hold(held), now });
  }

  /** Called about once a second: what only time can tell. @param wallMs the time of day, which sessions end by */
  check(wallMs: number): void {
    const nowMs = this.#now();
    if (this.#unansweredPings >= MISSED_PINGS) this.terminate();
    else if (this.actor.session && this.actor.session.expiresMs <= wallMs) this.close(TERMINAL_CLOSE.policy, 'the session is over');
    else if (this.#window.stalledMs >= NO_ACK_MS) this.#leave();
    else if (nowMs - this.#pingedMs >= PING_EVERY_MS && this.#isOpen) {
      this.#pingedMs = nowMs;
      this.#unansweredPings++;
      this.#socket.ping();
    }
  }

  /** The client is told when the link has closed. */
  agentGone(): void {
    this.#link.close();
  }

  close(code: number, reason?: string): void {
    this.#link.close();
    // A socket that is held would not hear the answer to its own goodbye.
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  terminate(): void {
    this.#socket.terminate();
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #send(data: Uint8Array | string): void {
    if (this.#isOpen) this.#socket.send(data);
  }

  #tell(message: TerminalMessage): void {
    this.#send(JSON.stringify(message));
  }

  #refuse(code: ProblemCode, detail: string): void {
    this.#tell({ type: 'problem', problem: new ProblemError(code, detail).problem });
  }

  #hear(message: TerminalMessage): void {
    switch (message.type) {
      case 'begin':
      // Said before is less than a window: none of it is still held back here.
      case 'live':
        this.#tell(message);
        break;
      case 'problem':
        this.#tell(message);
        this.close(TERMINAL_CLOSE.normal);
        break;
      case 'end':
        this.#isEnding = true;
        this.#endWhenDrained();
        break;
      default:
        message satisfies never;
    }
  }

  #endWhenDrained(): void {
    if (!this.#isEnding || !this.#window.isDrained) return;
    this.#tell({ type: 'end' });
    this.close(TERMINAL_CLOSE.normal);
  }

  #receive(data: RawData, isBinary: boolean): void {
    if (isBinary) {
      if (this.#mayAct()) this.#type(data as Buffer);
      return;
    }
    const given = parseJson(String(data));
    const request = TerminalRequest.safeParse(given);
    if (!request.success) {
      this.#refuse('invalid', invalidSentence(request.error, 'The message', given));
      this.close(TERMINAL_CLOSE.garbage);
      return;
    }
    switch (request.data.type) {
      case 'ack':
        if (this.#window.ack(request.data.bytes)) this.#endWhenDrained();
        else this.close(TERMINAL_CLOSE.policy, 'acked more than was sent');
        break;
      case 'resize':
        if (this.#mayAct()) this.#link.resize(request.data);
        break;
      default:
        request.data satisfies never;
    }
  }

  /** A viewer is told once: an answer to each key would be a flood of our own. */
  #mayAct(): boolean {
    if (this.#mayType || this.#wasTold) return this.#mayType;
    this.#wasTold = true;
    this.#refuse('forbidden', 'A viewer may only watch: nothing that is typed here reaches the program.');
    return false;
  }

  #type(bytes: Uint8Array): void {
    if (this.#link.unsentBytes > UNREAD_INPUT_BYTES) {
      this.#refuse('busy', 'More was typed than the agent can take: send it more slowly.');
      this.close(TERMINAL_CLOSE.normal);
    } else this.#link.input(bytes);
  }

  #leave(): void {
    this.close(TERMINAL_CLOSE.tryAgain, `output was not acked for ${NO_ACK_MS / 1000} s`);
  }

  #lost(behind: boolean): void {
    if (!this.#isOpen || this.#isEnding) return;
    if (!behind) this.#refuse('agent_unavailable', 'The agent is gone; the program runs on. The terminal is back once the agent is.');
    this.close(TERMINAL_CLOSE.tryAgain, behind ? 'the output was not taken in time' : 'the agent is gone');
  }
}
