// Runs in a test machine: cgdeck as a person starts it, and beside it a port of the tests' own, where they ask the guest's kernel and end it all.
// Usage: inside.ts <port> <managed root>; cgdeck's settings are in its environment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { answerTo } from './ask-kernel.ts';
import { removeLeftovers } from './leftovers.ts';
import { SUPERVISOR } from './supervisor.ts';

const [port = '', root = ''] = process.argv.slice(2);
const supervisor = spawn(SUPERVISOR[0], SUPERVISOR.slice(1), { stdio: 'inherit' });
const ended = once(supervisor, 'exit').then(([code]) => Number(code));

/** The supervisor ends by itself, and then nothing of it may be left. */
async function end(): Promise<{ code: number; left: string[] }> {
  supervisor.kill('SIGTERM');
  const code = await ended;
  return { code, left: await removeLeftovers(root.slice(1)) };
}

const server = createServer(async (request, response) => {
  response.setHeader('connection', 'close');
  try {
    const asked = await text(request);
    response.end(JSON.stringify(request.url === '/end' ? await end() : answerTo(JSON.parse(asked))));
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
});
server.listen(Number(port), '127.0.0.1');
process.exitCode = await ended;
server.close();
