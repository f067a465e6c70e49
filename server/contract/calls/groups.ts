// The calls about the machine, its groups, their control files, processes and devices.
import { z } from 'zod';
import { addresses } from '../addresses.ts';
import { FileList, FileView, FreezeAnswer, GroupView, Host, NamespaceView, Process, WriteAnswer, Written } from '../answers.ts';
import type { Call } from '../call.ts';
import { DeviceAnswer, DeviceView, SetDevices } from '../device-schemas.ts';
import { Named } from '../events.ts';
import { Limits } from '../launch.ts';
import { GroupName, GroupPath, Inode, NewGroupPath } from '../path-schemas.ts';

/** A signal's name as kill(1) prints it, with SIG. */
const Signal = z.enum(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2']);
/** The process that is meant, as GET /processes has it: a later one with its pid is neither signalled nor moved. */
const Pid = { pid: z.int().min(1), startTicks: z.int().min(0).optional() };
/** The group that is meant, by its path alone, or with its inode. */
const Group = { group: GroupPath, inode: Inode.optional() };
const ControlFileName = z.string().regex(/^(?!\.{1,2}$)[\w.:+-]{1,128}$/, 'is not a control file’s name');

export const groupCalls = {
  host: {
    ...addresses.host,
    summary: 'The machine, its hierarchies and what is missing here',
    params: z.strictObject({}),
    answer: Host,
  },
  groups: {
    ...addresses.groups,
    summary: 'All groups',
    params: z.strictObject({}),
    answer: z.object({ groups: z.array(GroupView) }),
  },
  group: {
    ...addresses.group,
    summary: 'One group; /groups/ is the root',
    params: z.strictObject({ path: GroupPath }),
    answer: GroupView,
  },
  createGroup: {
    ...addresses.createGroup,
    summary: 'Create a group',
    status: 201,
    params: z.strictObject({
      path: NewGroupPath,
      limits: Limits.optional(),
      /** On v2, if the parent holds processes: the name of a new group below it, into which they are moved first. */
      leaf: GroupName.optional(),
    }),
    answer: GroupView.extend({
      /** Controllers that had to be enabled in ancestors first (v2). */
      also: z.array(z.object({ group: z.string(), ...Written })).optional(),
      /** Limits requested by the other version's names: requested -> written. */
      translated: z.record(z.string(), z.string()).optional(),
    }),
  },
  removeGroup: {
    ...addresses.removeGroup,
    summary: 'Remove a group; with kill=true its processes are killed first',
    params: z.strictObject({ path: GroupPath, inode: Inode.optional(), kill: z.boolean().default(false) }),
    answer: z.object({ group: z.string(), killed: z.array(z.number()) }),
  },
  files: {
    ...addresses.files,
    summary: 'The control files that a group has',
    params: z.strictObject({ group: GroupPath }),
    answer: FileList,
  },
  readFile: {
    ...addresses.readFile,
    summary: 'Read a control file',
    params: z.strictObject({ path: GroupPath, file: ControlFileName }),
    answer: FileView,
  },
  writeFile: {
    ...addresses.writeFile,
    summary: 'Write a control file; the answer is read back',
    params: z.strictObject({
      path: GroupPath,
      file: ControlFileName,
      inode: Inode.optional(),
      value: z.union([z.string().max(4096), z.number()]),
      /** What it is to replace: the text as it was read, or the part of it that `value` sets. If that is another by now, and not yet `value`, it is not written (changed). */
      replaces: z.string().max(65_536).optional(),
      /** Whether processes may be killed for it: on v2 a memory.max below the usage makes the kernel kill processes. */
      mayKill: z.boolean().default(false),
    }),
    answer: WriteAnswer,
  },
  reclaim: {
    ...addresses.reclaim,
    summary: 'Reclaim memory of a group (v2)',
    params: z.strictObject({ ...Group, bytes: z.union([z.string().max(64), z.number()]) }),
    answer: z.object({
      group: z.string(),
      askedBytes: z.number(),
      /** By how much usage fell; new allocations during the call count against it. */
      reclaimedBytes: z.number(),
      /** False if the kernel could not reclaim as much. */
      complete: z.boolean(),
      tookMs: z.number(),
    }),
  },
  freeze: {
    ...addresses.freeze,
    summary: 'Freeze a group',
    params: z.strictObject(Group),
    answer: FreezeAnswer,
  },
  thaw: {
    ...addresses.thaw,
    summary: 'Thaw a group',
    params: z.strictObject(Group),
    answer: FreezeAnswer,
  },
  kill: {
    ...addresses.kill,
    summary: 'Kill a group’s processes, or signal one',
    params: z.union([z.strictObject(Group), z.strictObject({ ...Pid, signal: Signal.default('SIGTERM') })]),
    answer: z.object({ killed: z.array(z.number()), named: Named }),
  },
  attach: {
    ...addresses.attach,
    summary: 'Move a process into a group',
    params: z.strictObject({ ...Pid, ...Group }),
    answer: z.object({ pid: z.number(), group: z.string(), from: z.string() }),
  },
  processes: {
    ...addresses.processes,
    summary: 'A group’s processes',
    /** If there are more than `limit`, those with the most memory. */
    params: z.strictObject({ group: GroupPath, limit: z.int().min(1).max(10_000).default(1000) }),
    answer: z.object({ processes: z.array(Process), total: z.int() }),
  },
  namespaces: {
    ...addresses.namespaces,
    summary: 'The namespaces of a group’s processes, and which other processes are in them',
    params: z.strictObject({ group: GroupPath }),
    answer: z.object({ namespaces: z.array(NamespaceView) }),
  },
  devices: {
    ...addresses.devices,
    summary: 'The device rules of a group, and other rules that apply to it',
    params: z.strictObject({ group: GroupPath }),
    answer: DeviceView,
  },
  setDevices: {
    ...addresses.setDevices,
    summary: 'Replace the device rules of a group: what is not listed is denied; null removes all rules; the answer is read back',
    params: SetDevices,
    answer: DeviceAnswer,
  },
} as const satisfies Record<string, Call>;
