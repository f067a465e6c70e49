// Connects a client to a launched program's terminal, by the monitor's socket. Neither side is read faster than the other accepts.
import { closeSync, constants, existsSync, openSync, statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { ProblemError } from '../../contract/problems.ts';
import { UNREAD_INPUT_BYTES } from '../../link/bounds.ts';
import type { AgentTerminal, TerminalPeer } from '../../link/terminal-agent-end.ts';

const HEADER_BYTES = 8;
const INPUT = 'i'.charCodeAt(0);
const WINDOW_SIZE = 'w'.charCodeAt(0);
const REPLAY = 'k'.charCodeAt(0);
const SOCKET = 'tty.sock';

/**
 * Connects to `<dir>/tty.sock`, whose messages native/launch/README.md describes.
 * @throws ProblemError conflict if the program has ended
 */
export async function openTerminal({ dir }: { dir: string }, peer: TerminalPeer): Promise<AgentTerminal> {
  const socket = await connect(dir);
  return new MonitorTerminal(socket, dir, peer, runOf(dir));
}

/** Each run has a monitor of its own, which makes its socket; inode numbers are used again. */
function runOf(dir: string): string {
  const made = statSync(join(dir, SOCKET), { bigint: true, throwIfNoEntry: false });
  return made ? `${made.ino}.${made.ctimeNs}` : 'ended';
}

/** Connects by the directory's descriptor, because a socket address has at most 108 bytes (unix(7)) and the path may be longer. */
async function connect(dir: string): Promise<Socket> {
  const connected = Promise.withResolvers<void>();
  let fd: number | undefined;
  try {
    fd = openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY);
    const socket = createConnection(`/proc/self/fd/${fd}/${SOCKET}`, connected.resolve);
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
  const facts = { errno: code, file: join(dir, SOCKET), cause };
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ECONNRESET') {
    return new ProblemError('conflict', 'The program has ended, and so has its terminal. See its output.', facts);
  }
  return new ProblemError('kernel_refused', `The kernel refused the connection to the terminal: ${code ?? String(cause)}.`, facts);
}

function message(kind: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + payload.length);
  bytes[0] = kind;
  bytes.writeUInt32LE(payload.length, 4);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/**
 * The monitor's first message, which arrives in one piece: how many of the following bytes are earlier output. A monitor of an older version
 * sends no such message, and all earlier output as the first piece.
 */
function replayOf(first: Buffer): readonly [oldBytes: number, said: Buffer] {
  if (first.length < HEADER_BYTES || first.readUInt32LE(0) !== REPLAY) return [first.length, first];
  return [first.readUInt32LE(4), first.subarray(HEADER_BYTES)];
}

class MonitorTerminal implements AgentTerminal {
  readonly run: string;
  readonly #socket: Socket;
  readonly #dir: string;
  readonly #peer: TerminalPeer;
  /** The bytes of earlier output still to come; undefined before the monitor's first message. */
  #oldBytes: number | undefined;
  #isLive = false;
  #isOver = false;

  constructor(socket: Socket, dir: string, peer: TerminalPeer, run: string) {
    this.run = run;
    this.#socket = socket;
    this.#dir = dir;
    this.#peer = peer;
    // Without an encoding, data are buffers.
    socket.on('data', (bytes) => this.#output(bytes as Buffer));
    // After a reset, close follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
    // A data listener starts the flow, but the peer is not ready yet.
    socket.pause();
  }

  read(): void {
    this.#socket.resume();
  }

  input(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#send(INPUT, bytes);
  }

  resize(columns: number, rows: number): void {
    const size = Buffer.alloc(4);
    size.writeUInt16LE(columns, 0);
    size.writeUInt16LE(rows, 2);
    this.#send(WINDOW_SIZE, size);
  }

  close(): void {
    this.#isOver = true;
    this.#socket.destroy();
  }

  #send(kind: number, payload: Uint8Array): void {
    if (this.#isOver || !this.#socket.writable) return;
    if (this.#socket.writableLength + payload.length > UNREAD_INPUT_BYTES) {
      const detail = 'The program does not read its input, and 1 MiB of it is waiting: wait until the program reads, or end it.';
      this.close();
      this.#peer.failed(new ProblemError('busy', detail));
      return;
    }
    this.#socket.write(message(kind, payload));
  }

  #output(bytes: Buffer): void {
    if (!this.#isOver && !this.#pass(bytes)) this.#socket.pause();
  }

  /** @returns whether the peer accepts more */
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
    // The monitor removes its socket when the program has ended, before it disconnects clients. Otherwise it has disconnected only us: we may
    // have been stopped for a while, and a new connection shows whether it still serves.
    if (existsSync(join(this.#dir, SOCKET))) this.#peer.behind();
    else this.#peer.ended();
  }
}
