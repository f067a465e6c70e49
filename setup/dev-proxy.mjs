// In development, one address for two servers: the API from cgdeck's web process, the pages from Next with reload.
import { createServer, request } from 'node:http';
import { connect } from 'node:net';

const OF_THE_SERVER = /^\/(api\/|healthz|metrics)/;

/** Each server checks that it is spoken to under its own address, so both headers name it. */
function headersFor(headers, port) {
  const host = `127.0.0.1:${port}`;
  return { ...headers, host, ...(headers.origin ? { origin: `http://${host}` } : {}) };
}

/** @param {{ openPort: number, serverPort: number, pagesPort: number }} ports */
export async function serveDevelopment({ openPort, serverPort, pagesPort }) {
  const portFor = (url) => (OF_THE_SERVER.test(url) ? serverPort : pagesPort);
  const proxy = createServer((incoming, outgoing) => {
    const port = portFor(incoming.url);
    const onward = request(
      { host: '127.0.0.1', port, method: incoming.method, path: incoming.url, headers: headersFor(incoming.headers, port) },
      (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502, { 'content-type': 'text/plain' });
      outgoing.end(`Nothing answers on port ${port} yet: it is starting.\n`);
    });
    incoming.pipe(onward);
  });
  proxy.on('upgrade', (incoming, socket, head) => {
    const port = portFor(incoming.url);
    const onward = connect(port, '127.0.0.1', () => {
      const lines = Object.entries(headersFor(incoming.headers, port)).map(([name, value]) => `${name}: ${value}`);
      onward.write(`${incoming.method} ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  await new Promise((resolve, reject) => proxy.once('error', reject).listen(openPort, '127.0.0.1', resolve));
  return proxy;
}
