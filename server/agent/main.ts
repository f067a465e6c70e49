// The agent's process: root, no TCP, started and configured by the supervisor over IPC.
import { packageVersion } from '../package-folder.ts';

// One thread of the pool always waits in epoll, one reads at the tick; the rest are for files. Node reads this before the pool starts.
process.env.UV_THREADPOOL_SIZE = '8';

async function main(): Promise<void> {
  const [{ AgentStart, ToChild }, { ProblemError }, { errnoOf }, { startAgent }] = await Promise.all([
    import('../boot.ts'),
    import('../contract/problems.ts'),
    import('./kernel/errno.ts'),
    import('./agent.ts'),
  ]);
  let agent: Awaited<ReturnType<typeof startAgent>> | undefined;
  let stopping = false;

  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await agent?.stop();
    // Open descriptors and the IPC channel would keep the process alive.
    process.exit(0);
  };
  const fail = (error: unknown) => {
    const sentence = error instanceof Error ? error.message : String(error);
    // The supervisor prints the sentence; where it was thrown matters only for an error of our own.
    if (error instanceof Error && !(error instanceof ProblemError) && errnoOf(error) === '')
      process.stderr.write(`agent: ${error.stack}\n`);
    process.send?.({ type: 'failed', sentence });
    process.exit(1);
  };
  process.on('SIGTERM', () => void stop());
  // Ctrl-C goes to the whole foreground group; the supervisor decides.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => void stop());

  let webPid: number | undefined;
  process.on('message', (message) => {
    const later = ToChild.safeParse(message);
    if (later.success) {
      if (later.data.type === 'ping' && process.connected) process.send?.({ type: 'alive' });
      if (later.data.type === 'web-pid') {
        webPid = later.data.pid;
        agent?.webPid(webPid);
      }
      return;
    }
    const start = AgentStart.safeParse(message);
    if (!start.success || agent) return;
    startAgent(start.data, packageVersion(), fail).then((started) => {
      agent = started;
      if (webPid !== undefined) agent.webPid(webPid);
      process.send?.({ type: 'ready', missing: started.missing });
    }, fail);
  });
}

void main();
