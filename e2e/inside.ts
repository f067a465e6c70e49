// Runs in a test machine: cgdeck as a person starts it, and a port on which the tests ask the guest's kernel,
// stop and start cgdeck, and switch off. Usage: inside.ts <port> <managed root>; cgdeck's settings are in its environment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { answerTo } from './ask-kernel.ts';
import { removeLeftovers } from './leftovers.ts';
import { SUPERVISOR } from './supervisor.ts';

const [port = '', root = ''] = process.argv.slice(2);

function start() {
  const child = spawn(SUPERVISOR[0], SUPERVISOR.slice(1), { stdio: 'inherit' });
  const ended = once(child, 'exit').then(([code]) => {
    // The machine is switched off with the last connection.
    if (!stopping) leave(Number(code));
    return Number(code);
  });
  return { child, ended };
}

let stopping = false;
let supervisor = start();

async function stop(): Promise<number> {
  stopping = true;
  supervisor.child.kill('SIGTERM');
  return await supervisor.ended;
}

async function answer(url: string, asked: string): Promise<unknown> {
  switch (url) {
    case '/kernel':
      return answerTo(JSON.parse(asked));
    case '/pid':
      return supervisor.child.pid;
    case '/stop':
      return await stop();
    case '/start':
      stopping = false;
      supervisor = start();
      return supervisor.child.pid;
    case '/end':
      await stop();
      return await removeLeftovers(root.slice(1));
    default:
      throw new Error(`Unknown question at ${url}.`);
  }
}

const server = createServer(async (request, response) => {
  response.setHeader('connection', 'close');
  try {
    response.end(JSON.stringify(await answer(request.url ?? '', await text(request))));
    if (request.url === '/end') leave(0);
  } catch (error) {
    response.writeHead(500).end(error instanceof Error ? error.message : String(error));
  }
});
server.listen(Number(port), '127.0.0.1');

function leave(code: number): void {
  process.exitCode = code;
  server.close();
}
