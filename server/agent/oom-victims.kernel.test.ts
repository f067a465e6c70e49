// The victims of OOM kills on the real kernel: none is named wrongly, whatever programs and groups are called and however many are killed at once.
import { closeSync, constants, openSync, readSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { victimsOf } from '../contract/event-facts.ts';
import { Event } from '../contract/events.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';
import { errnoOf } from './kernel/errno.ts';

const agent = sharedAgent('victims');
const start = join(tmpdir(), `cgdeck-test-oom-${process.pid}`);
afterAll(() => rmSync(start, { force: true }));

const kills = (group?: string) =>
  agent.events.filter(
    (event): event is Extract<Event, { kind: 'oom_kill' }> =>
      event.kind === 'oom_kill' && (group === undefined ? event.group.startsWith(agent.root) : event.group === group),
  );
const counted = (group: string) => kills(group).reduce((sum, { count }) => sum + count, 0);

async function wall(path: string): Promise<void> {
  for (const [file, value] of Object.entries(agent.walled('20M')))
    await agent.call('writeFile', { path, file, value: String(value), mayKill: true });
}

/** What the log names is reported. */
const settled = () => agent.ticks(4);

test.each([',task=y', 'x,pid=1,uid=0', 'a\nb', 'a\rb', 'é\u2028', ') total-vm:1kB'])('a program that calls itself %j', async (name) => {
  const group = await agent.make(`name`);
  await wall(group);
  const comm = Buffer.from(name).reduce((octal, byte) => `${octal}\\${byte.toString(8).padStart(3, '0')}`, '');
  const pid = agent.process(group, `printf '${comm}' > /proc/$$/comm; a=$(head -c 200M /dev/zero | tr '\\0' x)`);
  await agent.until(() => counted(group) > 0);
  await settled();
  expect(kills().map(({ group: of, count, victim }) => [of, count, victim?.pid, victim?.comm])).toEqual([[group, 1, pid, name]]);
});

test('a group that is called like the end of the line about another', async () => {
  const innocent = await agent.make(`innocent`);
  // Made level by level, in every hierarchy.
  let group = await agent.make('a,task_memcg=');
  for (const part of innocent.slice(1).split('/')) {
    group = `${group}/${part}`;
    await agent.call('createGroup', { path: group });
  }
  await wall(group);
  const pid = agent.process(group, 'exec tail /dev/zero');
  await agent.until(() => counted(group) > 0);
  await settled();
  expect(kills().map(({ group: of, count, victim, limitGroup }) => [of, count, victim?.pid, limitGroup])).toEqual([[group, 1, pid, group]]);
});

test('only the kernel reports a kill: what a program writes to its log does not', async () => {
  const group = await agent.make(`forged`);
  writeFileSync(
    '/dev/kmsg',
    `oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=${group},task_memcg=${group},task=forged,pid=1,uid=0`,
  );
  writeFileSync(
    '/dev/kmsg',
    'Memory cgroup out of memory: Killed process 1 (forged) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:1kB oom_score_adj:0',
  );
  await wall(group);
  const pid = agent.process(group, 'exec tail /dev/zero');
  await agent.until(() => counted(group) > 0);
  await settled();
  expect(kills().map(({ count, victim }) => [count, victim?.pid])).toEqual([[1, pid]]);
});

// The last two, since the kernel limits its log lines for five seconds after them.
const GROUPS = 80;
/** All at once are in half a gigabyte, as on a slow machine they run out of memory later than they start. */
const WALL = '6M';
/** Of what was known of the groups before. */
const LEAST_NAMED = 60;

test('eighty kills, one each 40 ms, in a group each: the kernel’s log leaves most groups out, and no name is that of another group', async () => {
  const groups = await Promise.all(Array.from({ length: GROUPS }, (_, i) => agent.make(`g${i}`, agent.walled(WALL))));
  const pids = new Map(
    groups.map((group, i) => [
      group,
      agent.process(group, `while [ ! -e ${start} ]; do sleep 0.1; done; sleep ${i * 0.04}; exec tail /dev/zero`),
    ]),
  );
  await agent.until(() => groups.every((group) => Number(agent.measured(group, 'processes')) > 0));
  writeFileSync(start, '');
  await agent.until(() => groups.every((group) => counted(group) > 0));
  await settled();
  expect(groups.map(counted)).toEqual(groups.map(() => 1));
  const named = kills().flatMap(({ group, victim }) => (victim ? [[group, victim.pid]] : []));
  expect(named).toEqual(named.map(([group]) => [group, pids.get(String(group))]));
  expect(named.length).toBeGreaterThanOrEqual(LEAST_NAMED);
});

const STORM = 60;

/**
 * The processes that the kernel's log says it killed, with their names, of the records that are not read yet (/dev/kmsg, Documentation/ABI/testing/dev-kmsg).
 * `isWhole`: it has kept all of these.
 */
function killedIn(log: number): { killed: { pid: number; comm: string }[]; isWhole: boolean } {
  const killed: { pid: number; comm: string }[] = [];
  let isWhole = true;
  const record = Buffer.alloc(8192);
  for (;;) {
    try {
      const line = record.toString('latin1', 0, readSync(log, record));
      const [, pid, comm = ''] = /^[^;]*;.*Killed process (\d+) \((.*)\)/.exec(line) ?? [];
      if (pid !== undefined) killed.push({ pid: Number(pid), comm });
    } catch (error) {
      if (errnoOf(error) === 'EAGAIN') return { killed, isWhole };
      if (errnoOf(error) !== 'EPIPE') throw error;
      isWhole = false;
    }
  }
}

test('a storm in one group is one event that grows, and each of its kills is counted once, and named where the kernel’s log names it', async () => {
  const comm = `storm${process.pid}`;
  symlinkSync('/usr/bin/tail', join(tmpdir(), comm));
  onTestFinished(() => rmSync(join(tmpdir(), comm)));
  const log = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(log));
  killedIn(log);
  const group = await agent.make('storm');
  const ooms = () => agent.events.filter((event) => event.kind === 'oom' && event.group === group);
  await wall(group);
  const shell = agent.process(
    group,
    `i=0; while [ $i -lt ${STORM} ]; do ${join(tmpdir(), comm)} /dev/zero; i=$((i+1)); done; exec sleep 600`,
  );
  await agent.until(() => counted(group) >= STORM);
  await agent.until(() => ooms().some((event) => event.kind === 'oom' && event.killed === STORM));
  await settled();
  expect(counted(group)).toBe(STORM);
  const pids = kills(group).flatMap((event) => victimsOf(event).map(({ pid }) => pid));
  expect(pids).not.toContain(shell);
  const { killed, isWhole } = killedIn(log);
  const ours = killed.filter((one) => one.comm === comm).map(({ pid }) => pid);
  if (isWhole) expect(ours).toEqual(expect.arrayContaining(pids));
  // Where others are killed at the same time, also if the log leaves that out, or other groups are removed, whose is whose is not known of all.
  const others = agent.events.some(({ kind, group: of }) => (kind === 'oom_kill' || kind === 'remove') && of !== group);
  if (killed.length === ours.length && !others) expect(pids).toEqual(expect.arrayContaining(ours));
  expect(new Set(pids).size).toBe(pids.length);
  const { events } = await agent.call('events', { group, kind: 'oom', limit: 1000 });
  expect(events).toMatchObject([{ killed: STORM }]);
  expect(ooms().length).toBeLessThan(STORM);
  // Nothing but what the contract names.
  for (const event of ooms()) expect(Event.parse(event)).toEqual(event);
  // How late the first notice was, not how old the burst is.
  expect(new Set(ooms().map(({ latencyMs }) => latencyMs)).size).toBe(1);
  // The kernel limits its log lines for five seconds. Other tests need them, so this one ends when they are back.
  for (let i = 0; ; i++) {
    const after = await agent.make(`after${i}`);
    await wall(after);
    agent.process(after, 'exec tail /dev/zero');
    if ((await agent.event('oom_kill', after)).limitGroup !== undefined) break;
  }
});
