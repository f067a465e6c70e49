// Answers to calls: each reads, or acts through control and launch, is journaled, and told as an event.

import { readFileSync } from 'node:fs';
import { hostname, release, totalmem } from 'node:os';
import type { GroupView, Host } from '../../contract/answers.ts';
import { versionOf } from '../../contract/controller.ts';
import { effectiveLimit, groupState, inheritedLimits } from '../../contract/derive.ts';
import type { DeviceRule } from '../../contract/devices.ts';
import type { Limits } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { ReadingValue } from '../../contract/readings.ts';
import { describeNamespaces } from '../act/namespace-view.ts';
import { describeProcess } from '../act/process-table.ts';
import type { Enabled } from '../act/subtree.ts';
import { translateLimits } from '../act/translate-limits.ts';
import { movesAlong, orderLimits, type Written } from '../act/write-limit.ts';
import { parserOf, readingKey } from '../kernel/files/parse.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { MadeGroup } from '../launch/ports.ts';
import { STATE } from '../observe/reporter.ts';
import type { CommandParts, Handlers } from './command-parts.ts';
import { changeDevices, deviceHandlers } from './device-commands.ts';
import { launchHandlers } from './launch-commands.ts';

export interface AskedGroup {
  readonly limits: Limits;
  /** The group that takes the parent's processes first. */
  readonly leaf?: string | undefined;
  /** What it may do with which devices; left out, as the groups above it. */
  readonly devices?: readonly DeviceRule[] | undefined;
}

/** Answers to every call, and the creation of a group with its limits, which launching shares. */
export interface Commands {
  readonly handlers: Handlers;
  createGroup(path: string, asked: AskedGroup, by: string): Promise<MadeGroup & { readonly enabled: readonly Enabled[] }>;
}

export function makeCommands(parts: CommandParts): Commands {
  const { observer, reporter, log, journal, io, limits, freezer, processes, groups, launches } = parts;
  const memoryVersion = versionOf('memory', parts.host.hierarchies) ?? 1;

  function view(path: string, fresh: boolean): GroupView {
    const group = observer.tree.get(path);
    if (!group) throw new ProblemError('not_found', `There is no group ${path} (any more).`, { file: path });
    const { entry, readings } = observer.view(group, fresh);
    const readingsOf = (ancestor: string) => (ancestor === path ? readings : observer.readings(ancestor));
    const launched = launches.get(path);
    return {
      path,
      managed: entry.managed,
      self: entry.self,
      controllers: [...entry.controllers],
      state: groupState(readings),
      readings,
      effective: Object.fromEntries(inheritedLimits(memoryVersion).map((file) => [file, effectiveLimit(path, file, readingsOf)])),
      processes: Number(readings['cgroup.procs'] ?? 0),
      ...(launched ? { launched, joined: launches.joined(path) } : {}),
    };
  }

  function tellWrite(group: string, written: Written, by: string): void {
    for (const [key, value] of readingsOf(parts.layout, group, written)) reporter.expect(group, key, value);
    reporter.report({
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

  async function write(group: string, file: string, value: string | number, by: string, mayKill = false) {
    const asked = limits.check(group, file, value);
    // Before the journal as well, which holds what was done; and again when its turn has come.
    if (!mayKill) await limits.refuseToKill(group, file, asked);
    const started = performance.now();
    const old = io.locate(group, file).file.access === 'write' ? '' : await io.read(group, file);
    return reporter.acting(group, [file, movesAlong(file) ?? file], async () => {
      const { written, also } = await journal.record(
        { by, action: 'write', group, facts: { file, old, asked, ...(mayKill ? { mayKill } : {}) } },
        () => limits.write(group, file, value, mayKill),
        (done) => done,
      );
      const tookMs = performance.now() - started;
      for (const one of [...also, written]) tellWrite(group, one, by);
      return { group, ...written, tookMs, ...(also.length > 0 ? { also } : {}) };
    });
  }

  async function setFrozen(group: string, wanted: 'frozen' | 'thawed', by: string) {
    freezer.check(group);
    return reporter.acting(group, [STATE], async () => {
      const answer = await journal.record(
        { by, action: wanted === 'frozen' ? 'freeze' : 'thaw', group, safer: true },
        () => freezer.set(group, wanted),
        (done) => done.state,
      );
      if (answer.state === wanted) {
        reporter.stateTold(group, wanted);
        reporter.report({ kind: wanted === 'frozen' ? 'freeze' : 'thaw', group, by, time: Date.now() });
      } else reporter.stateAsked(group, wanted, by);
      return answer;
    });
  }

  const createGroup: Commands['createGroup'] = async (path, asked, by) => {
    const { limits: here, translated } = translateLimits(asked.limits, parts.layout);
    const ordered = orderLimits(here);
    const { enabled } = await parts.acting('create', path, by, () => groups.create(path, asked.leaf));
    for (const { group, ...written } of enabled) tellWrite(group, written, by);
    const answers: Record<string, string> = {};
    try {
      for (const [file, value] of ordered) answers[file] = (await write(path, file, value, by)).new;
      if (asked.devices) await changeDevices(parts, path, asked.devices, by);
    } catch (error) {
      // A group that lacks one of its limits or rules would be let loose: there is none instead.
      // If that fails too, somebody else has removed it, or is inside: the limit that was refused is what there is to say.
      await parts.acting('remove', path, by, () => groups.remove(path, false)).catch(() => {});
      throw error;
    }
    return { limits: answers, translated, enabled };
  };

  const handlers: Handlers = {
    host: () => ({ ...parts.host, missing: parts.missing(), swapBytes: swapBytes() }),
    groups: () => ({ groups: [...observer.tree.all()].map((group) => view(group.path, false)) }),
    group: ({ path }) => view(path, true),
    createGroup: async ({ path, limits: asked, leaf }, by) => {
      const { enabled, translated } = await journal.record(
        { by, action: 'create', group: path, facts: { limits: asked, ...(leaf === undefined ? {} : { leaf }) } },
        () => createGroup(path, { limits: asked ?? {}, leaf }, by),
      );
      return {
        ...view(path, true),
        ...(enabled.length > 0 ? { also: [...enabled] } : {}),
        ...(Object.keys(translated).length > 0 ? { translated } : {}),
      };
    },
    reclaim: ({ group, bytes }, by) => {
      const askedBytes = parts.reclaimer.check(group, bytes);
      return journal.record(
        { by, action: 'reclaim', group, facts: { askedBytes } },
        () => parts.reclaimer.reclaim(group, bytes),
        ({ reclaimedBytes }) => reclaimedBytes,
      );
    },
    removeGroup: async ({ path, kill }, by) => {
      const killed = await journal.record(
        { by, action: 'remove', group: path, facts: { kill }, safer: true },
        () => parts.acting('remove', path, by, () => groups.remove(path, kill)),
        (pids) => pids,
      );
      return { group: path, killed };
    },
    readFile: ({ path, file }) => io.view(path, file),
    writeFile: ({ path, file, value, mayKill }, by) => write(path, file, value, by, mayKill),
    freeze: ({ group }, by) => setFrozen(group, 'frozen', by),
    thaw: ({ group }, by) => setFrozen(group, 'thawed', by),
    kill: async (params, by) => {
      if ('group' in params) {
        const { group } = params;
        const killed = await journal.record(
          { by, action: 'kill', group, safer: true },
          () => processes.killGroup(group),
          (pids) => pids,
        );
        reporter.report({ kind: 'kill', group, pids: killed, signal: 'SIGKILL', by, time: Date.now() });
        return { killed };
      }
      const { pid, signal } = params;
      const group = processes.groupOf(pid);
      await journal.record({ by, action: 'signal', group, facts: { pid, signal }, safer: true }, () => processes.signal(pid, signal));
      reporter.report({ kind: 'kill', group, pids: [pid], signal, by, time: Date.now() });
      return { killed: [pid] };
    },
    attach: async ({ pid, group }, by) => {
      const from = await journal.record(
        { by, action: 'attach', group, facts: { pid } },
        () => processes.attach(pid, group),
        (path) => path,
      );
      reporter.report({ kind: 'move', group, pid, from, by, time: Date.now() });
      return { pid, group, from };
    },
    processes: ({ group }) => ({ processes: processes.members(group).flatMap((pid) => describeProcess(pid) ?? []) }),
    namespaces: ({ group }) => ({ namespaces: describeNamespaces(processes.members(group)) }),
    ...deviceHandlers(parts),
    ...launchHandlers(parts),
    events: (params) => log.query(params),
    history: ({ group: path, reading, ...query }) => {
      const group = io.group(path);
      return { group: path, inode: group.inode, series: observer.history(group.gid, { ...query, readings: reading }) };
    },
  };
  return { handlers, createGroup };
}

/** The readings that the tick will find after a write. */
function readingsOf(layout: Layout, group: string, written: Written): [string, ReadingValue][] {
  const file = layout.place(group, written.file, () => true)?.file;
  const readings: [string, ReadingValue][] = [];
  if (file === undefined) return readings;
  const bytes = Buffer.from(`${written.new}\n`);
  parserOf(file)(bytes, 0, bytes.length, (part, value) => readings.push([readingKey(file, part), value]));
  return readings;
}

function swapBytes(): number {
  const match = /^SwapTotal:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}

/** What does not change while the agent runs. */
export function describeHost(
  facts: Pick<Host, 'mode' | 'hierarchies' | 'managedRoot' | 'control' | 'intervalMs' | 'version' | 'noNetwork' | 'cpus'>,
): Omit<Host, 'missing'> {
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
