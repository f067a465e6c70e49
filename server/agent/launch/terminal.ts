// A launched program's terminal: the monitor's socket on one side, whoever watches on the other, and neither is read faster than the other takes.
import { closeSync, constants, existsSync, openSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { ProblemError } from '../../contract/problems.ts';
import { UNREAD_INPUT_BYTES } from '../../link/bounds.ts';
import type { AgentTerminal, TerminalPeer } from '../../link/terminal-agent-end.ts';

const HEADER_BYTES = 8;
const INPUT = 'i'.charCodeAt(0);
const WINDOW_SIZE = 'w'.charCodeAt(0);
const REPLAY = 'k'.charCodeAt(0);
/** The monitor lets go of a client that has read nothing for 2 s; half of it, since its clock and ours start apart. */
const HELD_LONG_MS = 1000;

export interface TerminalOptions {
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

/**
 * Connects to `<dir>/tty.sock`; its messages are described in native/launch/README.md.
 * @throws ProblemError conflict where nobody listens there any more
 */
export async function openTerminal({ dir }: { dir: string }, peer: TerminalPeer, options: TerminalOptions = {}): Promise<AgentTerminal> {
  return new MonitorTerminal(await connect(dir), dir, peer, options.now ?? (() => performance.now()));
}

/** A socket's address holds 108 bytes (unix(7)), and a directory's path may be longer: its descriptor is a short name for it. */
async function connect(dir: string): Promise<Socket> {
  const connected = Promise.withResolvers<void>();
  let fd: number | undefined;
  try {
    fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
    const socket = createConnection(`/proc/self/fd/${fd}/tty.sock`, connected.resolve);
    socket.pause();
    socket.once('error', connected.reject);
    await connected.promise;
    socket.off('error', connected.reject);
    return socket;
  } catch (cause) {
    throw refusal(cause, dir);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function refusal(cause: unknown, dir: string): ProblemError {
  const { code } = cause as NodeJS.ErrnoException;
  const facts = { errno: code, file: join(dir, 'tty.sock'), cause };
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') {
    return new ProblemError('conflict', 'The program has ended, and its terminal with it. What it said is in its output.', facts);
  }
  return new ProblemError('kernel_refused', `The kernel does not let the agent connect to the terminal: ${code ?? String(cause)}.`, facts);
}

function message(kind: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes[0] = kind;
  bytes.writeUInt32LE(payload.length, 4);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/**
 * The monitor's first message, which comes in one piece: how much of what follows was said before. A monitor of an older version sends
 * none: what it has kept comes first, at once.
 */
function replayOf(first: Buffer): readonly [oldBytes: number, said: Buffer] {
  if (first.length < HEADER_BYTES || first.readUInt32LE(0) !== REPLAY) return [first.length, first];
  return [first.readUInt32LE(4), first.subarray(HEADER_BYTES)];
}

class MonitorTerminal implements AgentTerminal {
  readonly #socket: Socket;
  readonly #dir: string;
  readonly #peer: TerminalPeer;
  readonly #now: () => number;
  /** Of the output that was said before, what is still to come; undefined until the monitor has told. */
  #oldBytes: number | undefined;
  #isLive = false;
  #heldSinceMs: number | undefined;
  /** Whether the monitor may have had enough of us. */
  #wasHeldLong = false;
  #isOver = false;

  constructor(socket: Socket, dir: string, peer: TerminalPeer, now: () => number) {
    this.#socket = socket;
    this.#dir = dir;
    this.#peer = peer;
    this.#now = now;
    // Without an encoding, what comes is bytes.
    socket.on('data', (bytes) => this.#output(bytes as Buffer));
    // A reset is an end as well; close follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
    // To listen for data starts the flow, and nobody is ready for it yet.
    socket.pause();
  }

  read(): void {
    if (this.#heldSinceMs !== undefined && this.#now() - this.#heldSinceMs >= HELD_LONG_MS) this.#wasHeldLong = true;
    this.#heldSinceMs = undefined;
    this.#socket.resume();
  }

  input(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#say(INPUT, bytes);
  }

  resize(columns: number, rows: number): void {
    const size = Buffer.alloc(4);
    size.writeUInt16LE(columns, 0);
    size.writeUInt16LE(rows, 2);
    this.#say(WINDOW_SIZE, size);
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #say(kind: number, payload: Uint8Array): void {
    if (this.#isOver || !this.#socket.writable) return;
    if (this.#socket.writableLength + payload.length > UNREAD_INPUT_BYTES) {
      const detail = 'The program does not read what is typed, and 1 MiB waits for it already: wait until it does, or end it.';
      this.close();
      this.#peer.failed(new ProblemError('busy', detail));
      return;
    }
    this.#socket.write(message(kind, payload));
  }

  #output(bytes: Buffer): void {
    if (this.#isOver || this.#pass(bytes)) return;
    this.#heldSinceMs = this.#now();
    this.#socket.pause();
  }

  /** @returns whether the peer takes more */
  #pass(bytes: Buffer): boolean {
    if (this.#isLive) return this.#peer.output(bytes);
    const [oldBytes, said] = this.#oldBytes === undefined ? replayOf(bytes) : [this.#oldBytes, bytes];
    const old = said.subarray(0, oldBytes);
    this.#oldBytes = oldBytes - old.length;
    const takesMore = old.length === 0 || this.#peer.output(old);
    if (this.#oldBytes > 0) return takesMore;
    this.#isLive = true;
    this.#peer.live();
    return said.length === old.length ? takesMore : this.#peer.output(said.subarray(old.length));
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // The monitor writes the exit record before it ends; without one, and after we kept it waiting, it has let go of us alone.
    if (this.#wasHeldLong && !existsSync(join(this.#dir, 'exit'))) this.#peer.behind();
    else this.#peer.ended();
  }
}
