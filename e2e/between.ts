// An HTTP proxy between browser and server, on loopback: it can go silent without closing anything, or refuse WebSockets.
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

type Mode = 'passes' | 'silent' | 'refuses sockets';

export class Between {
  readonly #sockets = new Set<Socket>();
  /** Connections of the browser that no byte passes any more, as where a router has forgotten them. */
  readonly #dead = new Set<Socket>();
  readonly #server = createServer((asked, answer) => {
    const far = request(asked.url ?? '', { method: asked.method, headers: asked.headers }, (given) => {
      if (this.#isDead(asked.socket)) return;
      answer.writeHead(given.statusCode ?? 502, given.headers);
      given.pipe(answer);
    });
    far.on('error', () => asked.socket.destroy());
    if (!this.#isDead(asked.socket)) asked.pipe(far);
  });
  #mode: Mode = 'passes';

  private constructor() {
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    // The way of WebSockets.
    this.#server.on('connect', (asked, near: Socket) => this.#tunnel(asked.url ?? '', near));
  }

  static async start(): Promise<Between> {
    const proxy = new Between();
    await new Promise<void>((listens) => proxy.#server.listen(0, '127.0.0.1', listens));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  set mode(mode: Mode) {
    this.#mode = mode;
    if (mode === 'silent') for (const socket of this.#sockets) this.#dead.add(socket);
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #isDead(socket: Socket): boolean {
    if (this.#mode === 'silent') this.#dead.add(socket);
    return this.#dead.has(socket);
  }

  #tunnel(address: string, near: Socket): void {
    if (this.#isDead(near)) return;
    if (this.#mode === 'refuses sockets') {
      near.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${address}`);
    const far = connect(Number(port), hostname, () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
    far.on('error', () => near.destroy());
    near.on('data', (bytes) => this.#isDead(near) || far.write(bytes));
    far.on('data', (bytes) => this.#isDead(near) || near.write(bytes));
    near.on('close', () => this.#dead.has(near) || far.destroy());
    far.on('close', () => this.#dead.has(near) || near.destroy());
    this.#server.on('close', () => far.destroy());
  }
}
