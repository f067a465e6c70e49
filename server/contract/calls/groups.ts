// The calls about the machine, its groups, their control files, processes and devices.
import { z } from 'zod';
import { FileView, FreezeAnswer, GroupView, Host, NamespaceView, Process, WriteAnswer, Written } from '../answers.ts';
import type { Call } from '../call.ts';
import { DeviceAnswer, DeviceView, SetDevices } from '../devices.ts';
import { Named } from '../events.ts';
import { Limits } from '../launch.ts';
import { GroupName, GroupPath, NewGroupPath } from '../paths.ts';

/** A signal's name as kill(1) prints it, with SIG. */
const Signal = z.enum(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2']);
const ControlFileName = z.string().regex(/^[A-Za-z0-9_.]{1,64}$/, 'is no control file’s name');

export const groupCalls = {
  host: {
    method: 'GET',
    path: '/host',
    summary: 'The machine, its hierarchies and what cannot be done here',
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
      /** On v2, where the parent holds processes: the group below the parent that takes them first. */
      leaf: GroupName.optional(),
    }),
    answer: GroupView.extend({
      /** Controllers that groups above had to hand down (v2). */
      also: z.array(z.object({ group: z.string(), ...Written })).optional(),
      /** Limits that were asked for in the other version's names: asked -> written. */
      translated: z.record(z.string(), z.string()).optional(),
    }),
  },
  removeGroup: {
    method: 'DELETE',
    path: '/groups{+path}',
    summary: 'Remove a group; with kill its processes first',
    role: 'operator',
    params: z.strictObject({ path: GroupPath, kill: z.boolean().default(false) }),
    answer: z.object({ group: z.string(), killed: z.array(z.number()) }),
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
      value: z.union([z.string().max(4096), z.number()]),
      /** Whether processes may be killed for it: v2 takes a memory.max under the usage, and makes room by killing. */
      mayKill: z.boolean().default(false),
    }),
    answer: WriteAnswer,
  },
  /** Gives memory of a group back, as much as is asked for or can be had (v2). */
  reclaim: {
    method: 'POST',
    path: '/reclaim',
    summary: 'Reclaim memory of a group (v2)',
    role: 'operator',
    params: z.strictObject({ group: GroupPath, bytes: z.union([z.string().max(64), z.number()]) }),
    answer: z.object({
      group: z.string(),
      askedBytes: z.number(),
      /** By how much usage fell, with what the group took meanwhile. */
      reclaimedBytes: z.number(),
      /** False where the kernel could not find as much. */
      complete: z.boolean(),
      tookMs: z.number(),
    }),
  },
  freeze: {
    method: 'POST',
    path: '/freeze',
    summary: 'Freeze a group',
    role: 'operator',
    params: z.strictObject({ group: GroupPath }),
    answer: FreezeAnswer,
  },
  thaw: {
    method: 'POST',
    path: '/thaw',
    summary: 'Thaw a group',
    role: 'operator',
    params: z.strictObject({ group: GroupPath }),
    answer: FreezeAnswer,
  },
  kill: {
    method: 'POST',
    path: '/kill',
    summary: 'Kill a group’s processes, or signal one',
    role: 'operator',
    params: z.union([z.strictObject({ group: GroupPath }), z.strictObject({ pid: z.int().min(1), signal: Signal.default('SIGTERM') })]),
    answer: z.object({ killed: z.array(z.number()), named: Named }),
  },
  attach: {
    method: 'POST',
    path: '/attach',
    summary: 'Move a process into a group',
    role: 'operator',
    params: z.strictObject({ pid: z.int().min(1), group: GroupPath }),
    answer: z.object({ pid: z.number(), group: z.string(), from: z.string() }),
  },
  processes: {
    method: 'GET',
    path: '/processes',
    summary: 'A group’s processes',
    role: 'viewer',
    /** Those with the most memory, where there are more than `limit`. */
    params: z.strictObject({ group: GroupPath, limit: z.int().min(1).max(10_000).default(1000) }),
    answer: z.object({ processes: z.array(Process), total: z.int() }),
  },
  /** Which namespaces the group's processes are in, and who shares them. */
  namespaces: {
    method: 'GET',
    path: '/namespaces',
    summary: 'The namespaces of a group’s processes, and who shares them',
    role: 'viewer',
    params: z.strictObject({ group: GroupPath }),
    answer: z.object({ namespaces: z.array(NamespaceView) }),
  },
  /** What the group may do with which devices, and what else decides on that. */
  devices: {
    method: 'GET',
    path: '/devices{+group}',
    summary: 'The device rules of a group, and what else decides on its devices',
    role: 'viewer',
    params: z.strictObject({ group: GroupPath }),
    answer: DeviceView,
  },
  /** In place of the rules before; what is not listed is denied. */
  setDevices: {
    method: 'PUT',
    path: '/devices{+group}',
    summary: 'Set the device rules of a group; null removes them; the answer is read back',
    role: 'operator',
    params: SetDevices,
    answer: DeviceAnswer,
  },
} as const satisfies Record<string, Call>;
