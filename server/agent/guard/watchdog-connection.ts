// A connection to the watchdog: messages are answered in order (native/watchdog/README.md).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { errnoName } from '../../../native/libc/library.ts';

const HEADER_BYTES = 4;
/** It is never busy for long: one that does not answer was stopped. */
const ANSWER_MS = 5000;

interface Request {
  readonly answered: () => void;
  readonly failed: (error: Error) => void;
}

/** An answer with an errno; or, with ECONNRESET or ETIMEDOUT, that there was none. */
export class WatchdogError extends Error {
  readonly errno: string;

  constructor(errno: string) {
    super(`The watchdog answers ${errno}.`);
    this.errno = errno;
  }
}

export class WatchdogConnection {
  readonly #socket: Socket;
  readonly #requests: Request[] = [];
  #received: Buffer = Buffer.alloc(0);
  #pid = 0;
  /** The record of this id was given back. */
  onReturned: (id: string) => void = () => {};
  onClosed: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.unref();
    // A close follows.
    socket.on('error', () => {});
    socket.on('data', (bytes) => typeof bytes === 'string' || this.#receive(bytes));
    socket.on('close', () => {
      for (const { failed } of this.#requests.splice(0)) failed(new WatchdogError('ECONNRESET'));
      this.onClosed();
    });
  }

  /** @throws an error of connect(2), or WatchdogError if it does not answer */
  static async open(path: string): Promise<WatchdogConnection> {
    const socket = connect(path);
    await once(socket, 'connect');
    const connection = new WatchdogConnection(socket);
    await connection.request('beat');
    return connection;
  }

  get pid(): number {
    return this.#pid;
  }

  /** @throws WatchdogError */
  request(...fields: readonly string[]): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new WatchdogError('ECONNRESET'));
      // After a stop of this process an answer may be there that was not read yet: it is, before an immediate.
      const timer = setTimeout(() => setImmediate(() => this.#requests.includes(request) && this.#stopped()), ANSWER_MS);
      const ended = (end: () => void) => {
        clearTimeout(timer);
        end();
      };
      const request: Request = { answered: () => ended(resolve), failed: (error) => ended(() => reject(error)) };
      this.#requests.push(request);
      const body = Buffer.from(fields.map((field) => `${field}\0`).join(''));
      const header = Buffer.alloc(HEADER_BYTES);
      header.writeUInt32LE(body.length);
      this.#socket.write(Buffer.concat([header, body]));
    });
  }

  /** @returns once it is closed */
  async close(): Promise<void> {
    if (this.#socket.closed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= HEADER_BYTES) {
      const end = HEADER_BYTES + this.#received.readUInt32LE();
      if (this.#received.length < end) return;
      const [kind, value = '', pid] = this.#received.toString('utf8', HEADER_BYTES, end).split('\0');
      this.#received = this.#received.subarray(end);
      if (kind === 'returned') this.onReturned(value);
      else this.#answered(Number(value), Number(pid));
    }
  }

  #answered(errno: number, pid: number): void {
    this.#pid = pid;
    const request = this.#requests.shift();
    if (errno === 0) request?.answered();
    else request?.failed(new WatchdogError(errnoName(errno)));
  }

  /** One that was stopped gives nothing back: it is ended, so that another can be started. While the connection is open its pid is its own. */
  #stopped(): void {
    try {
      if (this.#pid > 0) process.kill(this.#pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    for (const { failed } of this.#requests.splice(0)) failed(new WatchdogError('ETIMEDOUT'));
    this.#socket.destroy();
  }
}
