// The web process's entry: started and told everything by the supervisor over IPC, as root until its port is bound.

import type { FromChild } from '../boot.ts';
import { ToChild, WebStart } from '../boot.ts';
import { StartFault } from './start-fault.ts';
import { startWeb, type Web } from './web.ts';

/** Open answers get so long to end. */
const GRACE_MS = 2_000;

process.title = 'cgdeck-web';
let started = false;
let web: Web | undefined;
let nextLogin: string | undefined;
let stopping = false;

function tell(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  process.stderr.write(`web: ${error instanceof StartFault ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  const code = 1;
  if (!(error instanceof StartFault) || !process.connected || !process.send) process.exit(code);
  // A message is lost with a process that ends before it was sent.
  process.send({ type: 'failed', sentence: error.message } satisfies FromChild, () => process.exit(code));
}

async function start(message: WebStart): Promise<void> {
  web = await startWeb(message, tell);
  if (nextLogin !== undefined) web.renewLogin(nextLogin);
  tell({ type: 'ready', port: web.port });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), GRACE_MS).unref();
  await web?.stop();
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
// Ctrl-C goes to the whole foreground group; the supervisor decides.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => void stop());
process.on('message', (message) => {
  const later = ToChild.safeParse(message);
  if (later.success) {
    if (later.data.type === 'ping') tell({ type: 'alive' });
    if (later.data.type === 'login-token') {
      nextLogin = later.data.token;
      web?.renewLogin(nextLogin);
    }
    return;
  }
  const first = WebStart.safeParse(message);
  if (!first.success || started) return;
  started = true;
  start(first.data).catch(fail);
});
