// When processes started, where /proc/uptime is a container's own (lxcfs) and not the kernel's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { ProcessNotes } from './process-notes.ts';

const OTHER_UPTIME_S = 1e8;
/** Far more than a slow machine or a step of its clock, far less than the other uptime. */
const FAR_MS = 3_600_000;

vi.mock('node:os', async (original) => ({ ...(await original<typeof import('node:os')>()), uptime: () => OTHER_UPTIME_S }));

test('a start time is by the clock of the kernel', async () => {
  const child = spawn('/bin/sh', ['-c', 'echo; read line'], { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    const pid = child.pid ?? 0;
    const note = new ProcessNotes().of(pid, readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    expect(Math.abs((note?.startedAtMs ?? 0) - Date.now())).toBeLessThan(FAR_MS);
  } finally {
    child.stdin.end();
    await ended;
  }
});
