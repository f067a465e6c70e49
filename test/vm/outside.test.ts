// A machine as its host sees it: output and exit code come out, a port leads in, and nothing stays.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test, vi } from 'vitest';
import { bootMachine, type Machine, type MachineOptions } from './machine.ts';

const patience = { timeout: 30_000, interval: 20 };
const folder = mkdtempSync('/var/tmp/cgdeck-vm-');
afterAll(() => rmSync(folder, { recursive: true }));

const boot = (options: Partial<MachineOptions> & Pick<MachineOptions, 'command'>): Promise<Machine> =>
  bootMachine({ kernel: '6.1', mode: 'v2', timeoutMs: 240_000, directory: import.meta.dirname, ...options });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('A server without a port.');
  return address.port;
}

/** Processes whose command line names this forwarding: by it a test knows its own machine. */
function processesOf(port: number): string[] {
  return readdirSync('/proc')
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`hostfwd=tcp:127.0.0.1:${port}-`);
      } catch {
        return false;
      }
    });
}

test('output, errors and exit code come out; what is written stays in, and so does who is left running', async () => {
  const file = join(folder, 'written');
  const machine = await boot({
    command: ['sh', '-c', `echo one; echo two >/dev/stderr; touch ${file} && ls ${file}; sleep infinity & exit 7`],
  });
  expect(await text(machine.output)).toBe(`one\ntwo\n${file}\n`);
  expect(await machine.ended).toEqual({ kind: 'exit', code: 7 });
  expect(existsSync(file)).toBe(false);
});

test('what the kernel has against those inside comes out where the command fails', async () => {
  const complained = 'echo "sh[7]: segfault at 0" > /dev/kmsg; echo "all is well" > /dev/kmsg';
  const failing = await boot({ command: ['sh', '-c', `${complained}; exit 7`] });
  expect(await text(failing.output)).toMatch(/^kernel: .*\] sh\[7\]: segfault at 0\n$/);
  expect(await failing.ended).toEqual({ kind: 'exit', code: 7 });
});

test('a folder that is named can be written', async () => {
  const machine = await boot({ command: ['sh', '-c', `pwd > ${folder}/where`], writable: [folder], swap: false });
  expect(await text(machine.output)).toBe('');
  expect(await machine.ended).toEqual({ kind: 'exit', code: 0 });
  expect(readFileSync(join(folder, 'where'), 'utf8')).toBe(`${import.meta.dirname}\n`);
});

test('who is outside reaches a server inside; a stop ends everything', async () => {
  const host = await freePort();
  const served =
    "require('node:http').createServer((_, answer) => answer.end(require('node:os').release())).listen(8080, '127.0.0.1', () => console.log('listening'))";
  const machine = await boot({ kernel: '6.12', command: [process.execPath, '-e', served], forward: [{ host, guest: 8080 }] });
  try {
    const [line] = await once(machine.output, 'data');
    expect(String(line)).toBe('listening\n');
    const answer = await fetch(`http://127.0.0.1:${host}/`);
    expect(await answer.text()).toMatch(/^6\.12\./);
    expect(processesOf(host)).not.toEqual([]);
  } finally {
    await machine.stop();
  }
  expect(await machine.ended).toEqual({ kind: 'stopped' });
  await vi.waitFor(() => expect(processesOf(host)).toEqual([]), patience);
});

test('at the deadline everything is killed', async () => {
  const host = await freePort();
  const machine = await boot({ command: ['sleep', 'infinity'], timeoutMs: 2000, forward: [{ host, guest: 1 }] });
  machine.output.resume();
  expect(await machine.ended).toMatchObject({ kind: 'deadline' });
  await vi.waitFor(() => expect(processesOf(host)).toEqual([]), patience);
});

test('a guest that stops by itself is lost, and its console has the reason', async () => {
  const machine = await boot({ command: ['sh', '-c', 'echo c > /proc/sysrq-trigger'] });
  machine.output.resume();
  expect(await machine.ended).toEqual({ kind: 'lost', console: expect.stringContaining('Kernel panic') });
});

test.each(['SIGINT', 'SIGKILL'] as const)('whoever booted it takes it along when ended by %s', async (signal) => {
  const host = await freePort();
  const program = join(import.meta.dirname, 'main.ts');
  const child = spawn(process.execPath, [program, '--forward', `${host}:1`, 'sh', '-c', 'echo inside; sleep infinity'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  expect(String(line)).toBe('inside\n');
  expect(processesOf(host)).not.toEqual([]);
  child.kill(signal);
  await vi.waitFor(() => expect(processesOf(host)).toEqual([]), patience);
});

test('v1 on a kernel without its memory controller is refused', async () => {
  await expect(boot({ kernel: '6.12', mode: 'v1', command: ['true'] })).rejects.toThrow('no memory controller for v1');
});
