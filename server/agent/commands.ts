// Answers to calls: each reads, or acts through control and launch, is journaled, and told as an event.

import { readFileSync } from 'node:fs';
import { hostname, release, totalmem } from 'node:os';
import type { GroupView, Host } from '../contract/calls.ts';
import { findControlFile } from '../contract/control-files.ts';
import { effectiveLimit, groupState, inheritedLimits } from '../contract/derive.ts';
import type { Limits } from '../contract/launch.ts';
import { ProblemError } from '../contract/problems.ts';
import { narrow } from '../contract/units.ts';
import type { CommandParts, Handlers } from './command-parts.ts';
import { describeNamespaces } from './control/namespace-view.ts';
import { describeProcess } from './control/process-table.ts';
import { orderLimits, type Written } from './control/write-limit.ts';
import { launchHandlers } from './launch-commands.ts';

/** Answers to every call, and the creation of a group with its limits, which launching shares. */
export interface Commands {
  readonly handlers: Handlers;
  /** @returns what the kernel made of each limit */
  createGroup(path: string, limits: Limits, by: string): Promise<Record<string, string>>;
}

export function makeCommands(parts: CommandParts): Commands {
  const { observer, reporter, log, journal, io, limits, freezer, processes, groups, launches } = parts;

  function view(path: string, fresh: boolean): GroupView {
    const group = observer.tree.get(path);
    if (!group) throw new ProblemError('not_found', `There is no group ${path} (any more).`, { file: path });
    const readings = fresh ? observer.sampler.readNow(group) : { ...observer.mirror.byPath(path)?.readings };
    const readingsOf = (ancestor: string) => (ancestor === path ? readings : observer.mirror.byPath(ancestor)?.readings);
    const launched = launches.get(path);
    return {
      path,
      managed: parts.reach.isManaged(path),
      self: observer.isSelf(path),
      controllers: observer.controllersOf(group),
      state: groupState(readings),
      readings,
      effective: Object.fromEntries(inheritedLimits.map((file) => [file, effectiveLimit(path, file, readingsOf)])),
      processes: Number(readings['cgroup.procs'] ?? 0),
      ...(launched ? { launched, joined: launches.joined(path) } : {}),
    };
  }

  function tellWrite(group: string, written: Written, by: string): void {
    reporter.expect(group, written.file, readingOf(written));
    reporter.tell({
      kind: 'write',
      group,
      file: written.file,
      old: written.old,
      new: written.new,
      asked: written.asked,
      by,
      time: Date.now(),
    });
  }

  async function write(group: string, file: string, value: string | number, by: string) {
    const asked = limits.check(group, file, value);
    const started = performance.now();
    const old = findControlFile(file)?.access === 'write' ? '' : await io.read(group, file);
    const { written, also } = await journal.record(
      { by, action: 'write', group, facts: { file, old, asked } },
      () => limits.write(group, file, value),
      (done) => done,
    );
    const tookMs = performance.now() - started;
    for (const one of [...also, written]) tellWrite(group, one, by);
    return { group, ...written, tookMs, ...(also.length > 0 ? { also } : {}) };
  }

  async function setFrozen(group: string, wanted: 'frozen' | 'thawed', by: string) {
    freezer.check(group);
    const answer = await journal.record(
      { by, action: wanted === 'frozen' ? 'freeze' : 'thaw', group },
      () => freezer.set(group, wanted),
      (done) => done.state,
    );
    if (answer.state === wanted) {
      reporter.expect(group, 'freezer.state', wanted.toUpperCase());
      reporter.tell({ kind: wanted === 'frozen' ? 'freeze' : 'thaw', group, by, time: Date.now() });
    } else reporter.stateAsked(group, wanted === 'frozen' ? 'FROZEN' : 'THAWED', by);
    return answer;
  }

  async function createGroup(path: string, asked: Limits, by: string): Promise<Record<string, string>> {
    const ordered = orderLimits(asked);
    await parts.acting('create', path, by, () => groups.create(path));
    const answers: Record<string, string> = {};
    try {
      for (const [file, value] of ordered) answers[file] = (await write(path, file, value, by)).new;
    } catch (error) {
      // A group that lacks one of its limits would be let loose: there is none instead.
      // If that fails too, somebody else has removed it, or is inside: the limit that was refused is what there is to say.
      await parts.acting('remove', path, by, () => groups.remove(path, false)).catch(() => {});
      throw error;
    }
    return answers;
  }

  const handlers: Handlers = {
    host: () => ({ ...parts.host, swapBytes: swapBytes() }),
    groups: () => ({ groups: [...observer.tree.all()].map((group) => view(group.path, false)) }),
    group: ({ path }) => view(path, true),
    createGroup: async ({ path, limits: asked }, by) => {
      await journal.record({ by, action: 'create', group: path, facts: { limits: asked } }, () => createGroup(path, asked ?? {}, by));
      return view(path, true);
    },
    removeGroup: async ({ path, kill }, by) => {
      const killed = await journal.record(
        { by, action: 'remove', group: path, facts: { kill } },
        () => parts.acting('remove', path, by, () => groups.remove(path, kill)),
        (pids) => pids,
      );
      return { group: path, killed };
    },
    readFile: ({ path, file }) => io.view(path, file),
    writeFile: ({ path, file, value }, by) => write(path, file, value, by),
    freeze: ({ group }, by) => setFrozen(group, 'frozen', by),
    thaw: ({ group }, by) => setFrozen(group, 'thawed', by),
    kill: async (params, by) => {
      if ('group' in params) {
        const { group } = params;
        const killed = await journal.record(
          { by, action: 'kill', group },
          () => processes.killGroup(group),
          (pids) => pids,
        );
        reporter.tell({ kind: 'kill', group, pids: killed, signal: 'SIGKILL', by, time: Date.now() });
        return { killed };
      }
      const { pid, signal } = params;
      const group = processes.groupOf(pid);
      await journal.record({ by, action: 'signal', group, facts: { pid, signal } }, () => processes.signal(pid, signal));
      reporter.tell({ kind: 'kill', group, pids: [pid], signal, by, time: Date.now() });
      return { killed: [pid] };
    },
    attach: async ({ pid, group }, by) => {
      const from = await journal.record(
        { by, action: 'attach', group, facts: { pid } },
        () => processes.attach(pid, group),
        (path) => path,
      );
      reporter.tell({ kind: 'move', group, pid, from, by, time: Date.now() });
      return { pid, group, from };
    },
    processes: ({ group }) => ({ processes: processes.members(group).flatMap((pid) => describeProcess(pid) ?? []) }),
    namespaces: ({ group }) => ({ namespaces: describeNamespaces(processes.members(group)) }),
    ...launchHandlers(parts),
    events: ({ since, group, kind, limit }) => {
      const events = log
        .since(since)
        .filter((event) => (group === undefined || event.group === group) && (kind === undefined || event.kind === kind));
      return { events: events.slice(0, limit), lastId: log.lastId };
    },
    history: ({ group: path, ...query }) => {
      const group = io.group(path);
      return { group: path, inode: group.inode, series: observer.history(group.gid, query) };
    },
  };
  return { handlers, createGroup };
}

/** The reading that the tick will find after a write. */
function readingOf(written: Written): string | number {
  return /^\d+$/.test(written.new) ? narrow(BigInt(written.new)) : written.new === '-1' ? 'max' : written.new;
}

function swapBytes(): number {
  const match = /^SwapTotal:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}

/** What does not change while the agent runs. */
export function describeHost(
  facts: Pick<Host, 'mode' | 'hierarchies' | 'managedRoot' | 'control' | 'intervalMs' | 'version' | 'missing' | 'noNetwork' | 'cpus'>,
): Host {
  return {
    ...facts,
    host: hostname(),
    kernel: release(),
    memoryBytes: totalmem(),
    swapBytes: swapBytes(),
    pageBytes: 4096,
    startedAt: Date.now(),
  };
}
