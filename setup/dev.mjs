// npm run dev: the server from its sources, restarted when one changes, and the pages with reload.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { serveDevelopment } from './dev-proxy.mjs';
import { checkCompiler, checkControlGroups, checkNode, checkRoot } from './machine.mjs';
import { prepare } from './prepare.mjs';
import { BIN, PINNED_NODE, ROOT, toolEnvironment } from './project.mjs';
import { runToExit, SetupError } from './setup-error.mjs';

const PAGES_PORT = 7421;
const OPEN_PORT = 7422;
const WATCHED = ['server', 'native'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function run(file, args) {
  // Its own session: a Ctrl-C comes to it once, from here.
  const child = spawn(file, args, { cwd: ROOT, env: toolEnvironment(), stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  return { child, ended: new Promise((resolve) => child.on('exit', resolve)) };
}

runToExit(async () => {
  checkNode();
  checkRoot('npm run dev');
  checkControlGroups();
  checkCompiler();
  const args = process.argv.slice(2);
  const listen = /^127\.0\.0\.1:(\d+)$/.exec(process.env.CGDECK_LISTEN ?? '127.0.0.1:7420');
  if (!listen || args.length > 0)
    throw new SetupError('npm run dev takes its settings from variables only, and CGDECK_LISTEN as 127.0.0.1:PORT.');
  // The pages are built as well: the login link that the server prints leads to them.
  await prepare(['launcher', 'pages']);

  const server = run(PINNED_NODE, [
    ...WATCHED.map((folder) => `--watch-path=${join(ROOT, folder)}`),
    '--watch-preserve-output',
    'server/main.ts',
  ]);
  const pages = run(join(BIN, 'next'), ['dev', '--hostname', '127.0.0.1', '--port', String(PAGES_PORT)]);
  const proxy = await serveDevelopment({ openPort: OPEN_PORT, serverPort: Number(listen[1]), pagesPort: PAGES_PORT });
  console.log(`Pages with reload: http://127.0.0.1:${OPEN_PORT} (log in with the server's link first; the login holds for both ports).`);

  await Promise.race([server.ended, pages.ended, ...SIGNALS.map((signal) => new Promise((resolve) => process.once(signal, resolve)))]);
  for (const signal of SIGNALS) process.on(signal, () => undefined);
  proxy.close();
  proxy.closeAllConnections();
  for (const { child } of [server, pages]) child.kill('SIGTERM');
  await Promise.all([server.ended, pages.ended]);
  return 0;
});
