// The init: it reaps orphans, passes all signals on, ends with its program, and has nothing that a program could use.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, sandbox, sh } from './fixtures/records.ts';

const withInit = [...sandbox, 'init=1'];
const patience = { timeout: 60_000, interval: 5 };

describe.each(builds)('the init of the launcher $name', (build) => {
  const bench = benchFor(build);

  test('is pid 1, and the program is its child and the leader of a session', async () => {
    const [comm, pid, stat = ''] = (await bench.outputOf([...withInit, ...sh('cat /proc/1/comm; echo $$; cat /proc/$$/stat')])).split('\n');
    expect(comm).toBe('cgdeck-init');
    const [own, , , ppid, , session] = stat.split(' ');
    expect([own, ppid, session]).toEqual([pid, '1', pid]);
    expect(pid).not.toBe('1');
  });

  test('is not what `exec` reports: that is the program', async () => {
    const launch = await bench.start([...withInit, ...args('/bin/sleep', '1000')]);
    expect(launch.programPid).not.toBe(launch.pid);
    expect(readFileSync(`/proc/${launch.programPid}/cmdline`, 'utf8')).toBe('/bin/sleep\u00001000\u0000');
    expect(readFileSync(`/proc/${launch.pid}/comm`, 'utf8')).toBe('cgdeck-init\n');
  });

  test.each([
    ['exit 0', { code: 0 }],
    ['exit 42', { code: 42 }],
    ['kill -9 $$', { signal: 9, name: 'SIGKILL' }],
    ['ulimit -c 0; kill -SEGV $$', { signal: 11, name: 'SIGSEGV' }],
    ['kill -TERM $$', { signal: 15, name: 'SIGTERM' }],
  ])('reports the end by `%s` as the program’s', async (script, end) => {
    const launch = await bench.run([...withInit, ...sh(script)]);
    expect(launch.exit).toMatchObject({ pid: launch.programPid, ...end });
    expect(await launch.ended).toBe(0);
  });

  test('leaves no zombie of an orphan', async () => {
    const launch = await bench.start([...withInit, ...sh('for i in 1 2 3 4; do (sh -c "exit 3" & ) ; done; echo forked; exec sleep 1000')]);
    await launch.prints('forked');
    const children = () => readFileSync(`/proc/${launch.pid}/task/${launch.pid}/children`, 'utf8').trim();
    await vi.waitFor(() => expect(children()).toBe(String(launch.programPid)), patience);
  });

  test.each([
    ...['TERM', 'INT', 'HUP', 'QUIT', 'USR1', 'USR2', 'WINCH', 'PIPE', 'IO', 'URG', 'PWR', 'ALRM', 'VTALRM', 'XCPU', 'ABRT', 'SYS', 'CONT'],
    ...['RTMIN+3', 'RTMAX'],
  ])('passes SIG%s on', async (name) => {
    const script = `trap 'echo got ${name}; exit 7' ${name}; echo ready; while :; do sleep 0.01; done`;
    const launch = await bench.start([...withInit, ...args('/bin/bash', '-c', script)]);
    await launch.prints('ready');
    execFileSync('bash', ['-c', `kill -s ${name} ${launch.pid}`]);
    expect(await launch.ended).toBe(0);
    expect(launch.output).toContain(`got ${name}`);
    expect(launch.exit).toMatchObject({ code: 7 });
  });

  test('ends the rest of the namespace', async () => {
    const launch = await bench.start([...withInit, ...sh('setsid sleep 1000 & echo ready; wait')]);
    await launch.prints('ready');
    const children = () => readFileSync(`/proc/${launch.programPid}/task/${launch.programPid}/children`, 'utf8').trim();
    await vi.waitFor(() => expect(children()).toMatch(/^\d+$/), patience);
    const left = Number(children());
    process.kill(launch.programPid, 'SIGKILL');
    await launch.ended;
    expect(isAlive(left)).toBe(false);
    expect(launch.exit).toMatchObject({ signal: 9 });
  });

  test('that is killed ends the program, and the record has the signal', async () => {
    const launch = await bench.start([...withInit, ...args('/bin/sleep', '1000')]);
    process.kill(launch.pid, 'SIGKILL');
    expect(await launch.ended).toBe(0);
    expect(isAlive(launch.programPid)).toBe(false);
    expect(launch.exit).toMatchObject({ pid: launch.programPid, signal: 9, name: 'SIGKILL' });
  });

  test.each([
    ['in a user namespace', withInit],
    ['as the user nobody', ['ns=pid', 'ns=mnt', 'init=1', ...asNobody]],
    ['with a program that keeps capabilities', [...withInit, 'cap=CAP_SYS_ADMIN', 'cap=CAP_KILL']],
  ])('has no capability, one descriptor, and cannot be traced: %s', async (_how, records) => {
    const launch = await bench.start([...records, ...sh('ls /proc/1/fd /proc/1/exe 2>&1; echo done; exec sleep 1000')]);
    await launch.prints('done');
    expect(launch.output.match(/Permission denied/g)?.length).toBe(2);
    const status = readFileSync(`/proc/${launch.pid}/status`, 'utf8');
    for (const set of ['Inh', 'Prm', 'Eff', 'Amb']) expect(status).toContain(`Cap${set}:\t${'0'.repeat(16)}`);
    expect(status).toMatch(/NoNewPrivs:\s1\n/);
    expect(status).toMatch(/Seccomp:\s2\n/);
    expect(readdirSync(`/proc/${launch.pid}/fd`)).toHaveLength(1);
  });

  test('continues with its program when the monitor is killed, and ends with it', async () => {
    const launch = await bench.start([...withInit, ...args('/bin/sleep', '1000')]);
    launch.launcher.kill('SIGKILL');
    await launch.ended;
    expect([isAlive(launch.pid), isAlive(launch.programPid)]).toEqual([true, true]);
    process.kill(launch.programPid, 'SIGKILL');
    await vi.waitFor(() => expect(isAlive(launch.pid)).toBe(false), patience);
  });

  test('ends when the program cannot be executed, which is reported', async () => {
    const launch = await bench.start([...withInit, ...args('/no/such')]);
    expect(await launch.ended).toBe(1);
    expect(launch.failure).toMatchObject({ step: 'exec', errno: 'ENOENT', what: '/no/such' });
    expect(isAlive(launch.pid)).toBe(false);
  });
});
