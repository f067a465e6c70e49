// The web process's entry: gets its settings from the supervisor over IPC, and is root until its port is bound.
import type { FromChild } from '../boot.ts';
import { ToChild, WebStart } from '../boot.ts';
import { StartFault } from './start-fault.ts';
import { startWeb, type Web } from './web.ts';

/** How long open answers may take to end. */
const GRACE_MS = 2_000;

process.title = 'cgdeck-web';
let started = false;
let web: Web | undefined;
let nextLogin: string | undefined;
let stopping = false;

function report(message: FromChild): void {
  if (process.connected) process.send?.(message);
}

function fail(error: unknown): void {
  const code = 1;
  if (!(error instanceof StartFault)) {
    process.stderr.write(`web: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(code);
  }
  if (!process.connected || !process.send) process.exit(code);
  // The supervisor prints the sentence. An earlier exit would lose the message.
  process.send({ type: 'failed', sentence: error.message } satisfies FromChild, () => process.exit(code));
}

async function start(message: WebStart): Promise<void> {
  web = await startWeb(message, report);
  if (nextLogin !== undefined) web.renewLogin(nextLogin);
  report({ type: 'ready', port: web.port });
}

async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(0), GRACE_MS).unref();
  await web?.stop();
  process.exit(0);
}

process.on('SIGTERM', () => void stop());
// Ctrl-C signals the whole foreground process group; the supervisor decides.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => void stop());
process.on('message', (message) => {
  const later = ToChild.safeParse(message);
  if (later.success) {
    if (later.data.type === 'ping') report({ type: 'alive' });
    if (later.data.type === 'login-token') {
      nextLogin = later.data.token;
      web?.renewLogin(nextLogin);
    }
    if (later.data.type === 'notices-stored') web?.noticesStored(later.data.fault);
    return;
  }
  const first = WebStart.safeParse(message);
  if (!first.success || started) return;
  started = true;
  start(first.data).catch(fail);
});
