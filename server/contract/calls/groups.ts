// The calls about the machine, its groups, their control files, processes and devices.
import { z } from 'zod';
import { FileList, FileView, FreezeAnswer, GroupView, Host, NamespaceView, Process, WriteAnswer, Written } from '../answers.ts';
import type { Call } from '../call.ts';
import { DeviceAnswer, DeviceView, SetDevices } from '../devices.ts';
import { Named } from '../events.ts';
import { Limits } from '../launch.ts';
import { GroupName, GroupPath, Inode, NewGroupPath } from '../paths.ts';

/** A signal's name as kill(1) prints it, with SIG. */
const Signal = z.enum(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2']);
/** The process that is meant, as GET /processes has it: a later one with its pid is neither signalled nor moved. */
const Pid = { pid: z.int().min(1), startTicks: z.int().min(0).optional() };
/** The group that is meant, by its path alone, or with its inode. */
const Group = { group: GroupPath, inode: Inode.optional() };
const ControlFileName = z.string().regex(/^(?!\.{1,2}$)[\w.:+-]{1,128}$/, 'is not a control file’s name');

export const groupCalls = {
  host: {
    method: 'GET',
    path: '/host',
    summary: 'The machine, its hierarchies and what is missing here',
    role: 'viewer',
    params: z.strictObject({}),
    answer: Host,
  },
  groups: {
    method: 'GET',
    path: '/groups',
    summary: 'All groups',
    role: 'viewer',
    params: z.strictObject({}),
    answer: z.object({ groups: z.array(GroupView) }),
  },
  group: {
    method: 'GET',
    path: '/groups{+path}',
    summary: 'One group; /groups/ is the root',
    role: 'viewer',
    params: z.strictObject({ path: GroupPath }),
    answer: GroupView,
  },
  createGroup: {
    method: 'POST',
    path: '/groups',
    summary: 'Create a group',
    status: 201,
    role: 'operator',
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
    method: 'DELETE',
    path: '/groups{+path}',
    summary: 'Remove a group; with kill=true its processes are killed first',
    role: 'operator',
    params: z.strictObject({ path: GroupPath, inode: Inode.optional(), kill: z.boolean().default(false) }),
    answer: z.object({ group: z.string(), killed: z.array(z.number()) }),
  },
  files: {
    method: 'GET',
    path: '/files',
    summary: 'The control files that a group has',
    role: 'viewer',
    params: z.strictObject({ group: GroupPath }),
    answer: FileList,
  },
  readFile: {
    method: 'GET',
    path: '/files{+path}/{file}',
    summary: 'Read a control file',
    role: 'viewer',
    params: z.strictObject({ path: GroupPath, file: ControlFileName }),
    answer: FileView,
  },
  writeFile: {
    method: 'PUT',
    path: '/files{+path}/{file}',
    summary: 'Write a control file; the answer is read back',
    role: 'operator',
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
    method: 'POST',
    path: '/reclaim',
    summary: 'Reclaim memory of a group (v2)',
    role: 'operator',
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
    method: 'POST',
    path: '/freeze',
    summary: 'Freeze a group',
    role: 'operator',
    params: z.strictObject(Group),
    answer: FreezeAnswer,
  },
  thaw: {
    method: 'POST',
    path: '/thaw',
    summary: 'Thaw a group',
    role: 'operator',
    params: z.strictObject(Group),
    answer: FreezeAnswer,
  },
  kill: {
    method: 'POST',
    path: '/kill',
    summary: 'Kill a group’s processes, or signal one',
    role: 'operator',
    params: z.union([z.strictObject(Group), z.strictObject({ ...Pid, signal: Signal.default('SIGTERM') })]),
    answer: z.object({ killed: z.array(z.number()), named: Named }),
  },
  attach: {
    method: 'POST',
    path: '/attach',
    summary: 'Move a process into a group',
    role: 'operator',
    params: z.strictObject({ ...Pid, ...Group }),
    answer: z.object({ pid: z.number(), group: z.string(), from: z.string() }),
  },
  processes: {
    method: 'GET',
    path: '/processes',
    summary: 'A group’s processes',
    role: 'viewer',
    /** If there are more than `limit`, those with the most memory. */
    params: z.strictObject({ group: GroupPath, limit: z.int().min(1).max(10_000).default(1000) }),
    answer: z.object({ processes: z.array(Process), total: z.int() }),
  },
  namespaces: {
    method: 'GET',
    path: '/namespaces',
    summary: 'The namespaces of a group’s processes, and which other processes are in them',
    role: 'viewer',
    params: z.strictObject({ group: GroupPath }),
    answer: z.object({ namespaces: z.array(NamespaceView) }),
  },
  devices: {
    method: 'GET',
    path: '/devices{+group}',
    summary: 'The device rules of a group, and other rules that apply to it',
    role: 'viewer',
    params: z.strictObject({ group: GroupPath }),
    answer: DeviceView,
  },
  setDevices: {
    method: 'PUT',
    path: '/devices{+group}',
    summary: 'Replace the device rules of a group: what is not listed is denied; null removes all rules; the answer is read back',
    role: 'operator',
    params: SetDevices,
    answer: DeviceAnswer,
  },
} as const satisfies Record<string, Call>;
