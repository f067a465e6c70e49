// One browser at one terminal: relays between its socket and the agent, with flow control.
import type { RawData, WebSocket } from 'ws';
import { invalidSentence } from '../../contract/invalid.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { type ProblemCode, ProblemError } from '../../contract/problems.ts';
import { type TerminalMessage, type TerminalOpening, TerminalRequest, type TerminalSize } from '../../contract/terminal.ts';
import { WINDOW_BYTES } from '../../contract/terminal-bounds.ts';
import { TERMINAL_CLOSE, UNREAD_INPUT_BYTES } from '../../link/bounds.ts';
import type { OpenTerminalLink, TerminalLink } from '../../link/terminal-web-end.ts';
import type { Actor } from '../access.ts';
import { OutputWindow } from './output-window.ts';
import { Pulse } from './pulse.ts';
import type { TypedBytes } from './typed-bytes.ts';

export interface TerminalClientOptions {
  readonly actor: Actor;
  readonly query: TerminalOpening;
  readonly typed: TypedBytes;
  readonly openLink: OpenTerminalLink;
  /** It has resized the terminal. */
  readonly onSize: (size: TerminalSize) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

export class TerminalClient {
  readonly actor: Actor;
  readonly of: string;
  /** The page's screen, if it has named it; no other can be meant. */
  readonly screen: string | undefined;
  readonly #onSize: TerminalClientOptions['onSize'];
  readonly #typed: TypedBytes;
  readonly #socket: WebSocket;
  readonly #mayType: boolean;
  readonly #pulse: Pulse;
  readonly #window: OutputWindow;
  readonly #openLink: (again: boolean) => TerminalLink;
  #link: TerminalLink;
  /** Replaces the link with its first message, for the replay: the client has missed output. */
  #nextLink: TerminalLink | undefined;
  /** The program has ended; output may still wait in the window. */
  #isEnding = false;
  #wasRefused = false;

  constructor(socket: WebSocket, { actor, query, typed, openLink, onSize, now }: TerminalClientOptions) {
    const { screen, ...which } = query;
    this.actor = actor;
    this.of = `${which.group} ${which.id}`;
    this.screen = screen === undefined ? undefined : [actor.session?.id ?? actor.name, this.of, screen].join(' ');
    this.#onSize = onSize;
    this.#typed = typed;
    this.#socket = socket;
    this.#pulse = new Pulse(socket, now);
    this.#mayType = actor.role === 'operator';
    // A protocol error closes the socket; without a listener it would end the process.
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => this.#receive(data, isBinary));
    socket.on('close', () => this.#closeLinks());
    // Early input waits in the socket until the agent is connected.
    socket.pause();
    this.#window = new OutputWindow({
      send: (bytes) => this.#send(bytes),
      pause: (paused) => this.#link.pause(paused),
      caughtUp: () => this.#caughtUp(),
    });
    this.#openLink = (again) => {
      const link = openLink(
        { ...which, mayType: this.#mayType, by: actor.name, again },
        {
          onOpen: () => socket.resume(),
          // What still comes from a link that was replaced is in the replay.
          onOutput: (bytes) => link === this.#link && this.#window.push(bytes),
          onMessage: (message) => {
            if (link === this.#link) this.#onMessage(message);
            else if (link === this.#nextLink) this.#onNext(link, message);
          },
          onClosed: (behind) => this.#lost(link, behind),
        },
      );
      return link;
    };
    this.#link = this.#openLink(false);
  }

  /** Called about twice a second, for all time limits. @param wallMs wall clock, for the session's end */
  check(wallMs: number): void {
    if (this.#pulse.isDead) this.terminate();
    else if (this.actor.session && this.actor.session.expiresMs <= wallMs) this.close(TERMINAL_CLOSE.policy, 'the session has expired');
    else this.#pulse.check();
    this.#window.check();
    // The agent may have refused one more link.
    if (this.#window.isBehind && this.#window.isDrained) this.#caughtUp();
  }

  /** The client is informed when the link has closed. */
  agentGone(): void {
    this.#closeLinks();
  }

  close(code: number, reason?: string): void {
    this.#closeLinks();
    // A paused socket would not receive the close handshake.
    this.#socket.resume();
    this.#socket.close(code, reason);
  }

  /** By another screen; it is not sent to who reads nothing, since it would fill the memory. */
  resized({ columns, rows }: TerminalSize): void {
    if (this.#socket.bufferedAmount <= 2 * WINDOW_BYTES) this.#sendMessage({ type: 'size', columns, rows });
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

  #sendMessage(message: TerminalMessage): void {
    this.#send(JSON.stringify(message));
  }

  #refuse(code: ProblemCode, detail: string): void {
    this.#sendMessage({ type: 'problem', problem: new ProblemError(code, detail).problem });
  }

  #closeLinks(): void {
    this.#link.close();
    this.#nextLink?.close();
  }

  /** The client continues with a replay. */
  #caughtUp(): void {
    if (this.#isEnding) this.#endWhenDrained();
    else if (this.#isOpen) this.#nextLink ??= this.#openLink(true);
  }

  /** The first message of a link that replaces another, which has passed on input until now. */
  #onNext(link: TerminalLink, message: TerminalMessage): void {
    // A problem: the program has ended, as the other link reports, or it is tried again.
    if (message.type !== 'begin') return;
    const last = this.#link;
    this.#nextLink = undefined;
    this.#link = link;
    last.close();
    this.#window.restart();
    this.#begin(message);
  }

  #begin(message: Extract<TerminalMessage, { type: 'begin' }>): void {
    this.#sendMessage({ ...message, taken: this.#typed.begin(this.screen, message.run) });
  }

  #onMessage(message: TerminalMessage): void {
    switch (message.type) {
      // The replay is smaller than the window: none of it waits here.
      case 'begin':
        this.#begin(message);
        break;
      case 'live':
      case 'beat':
      case 'size':
        this.#sendMessage(message);
        break;
      case 'problem':
        this.#sendMessage(message);
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
    if (this.#window.isBehind) {
      this.#sendMessage({ type: 'begin', mayType: this.#mayType });
      this.#send(this.#window.restart());
    }
    this.#sendMessage({ type: 'end' });
    this.close(TERMINAL_CLOSE.normal);
  }

  #receive(data: RawData, isBinary: boolean): void {
    // Another connection has replaced it.
    if (!this.#isOpen) return;
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
        if (!this.#mayAct()) break;
        this.#link.resize(request.data);
        this.#onSize(request.data);
        break;
      case 'beat':
        // To who reads nothing there is no answer: answers would fill the memory.
        if (this.#socket.bufferedAmount <= 2 * WINDOW_BYTES) this.#sendMessage({ type: 'beat', taken: this.#typed.taken(this.screen) });
        break;
      default:
        request.data satisfies never;
    }
  }

  /** Refuses a viewer's input once, not for every key. */
  #mayAct(): boolean {
    if (this.#mayType || this.#wasRefused) return this.#mayType;
    this.#wasRefused = true;
    this.#refuse('forbidden', 'A viewer may only read: input here does not reach the program.');
    return false;
  }

  #type(bytes: Uint8Array): void {
    if (this.#link.unsentBytes > UNREAD_INPUT_BYTES) {
      this.#refuse('busy', 'The agent cannot take so much input: send it more slowly.');
      this.close(TERMINAL_CLOSE.normal);
      return;
    }
    this.#link.input(bytes);
    this.#typed.add(this.screen, bytes.length);
  }

  #lost(link: TerminalLink, behind: boolean): void {
    if (link === this.#nextLink) this.#nextLink = undefined;
    if (link !== this.#link || !this.#isOpen || this.#isEnding) return;
    if (!behind)
      this.#refuse('agent_unavailable', 'The agent is not connected; the program goes on running. The terminal returns with the agent.');
    this.close(TERMINAL_CLOSE.tryAgain, behind ? 'output was not read in time' : 'the agent is disconnected');
  }
}
