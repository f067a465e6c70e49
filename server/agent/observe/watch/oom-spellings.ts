// The lines of OOM kills in the kernel's log, as the kernels since 2.6.32 spell them (mm/oom_kill.c, mm/memcontrol.c).

export const SUMMARY = 'oom-kill:constraint=';
export const SUMMARY_END = /,task=.*,pid=(\d+),uid=-?\d+$/s;
/** All that may be the end of the paths: a command name has at most 15 bytes, and may look like the rest. */
export const SUMMARY_TASK = /,task=(?=(.{0,15}),pid=\d+,uid=-?\d+$)/gs;
/** A cpuset's name has no slash, so the first match is the kernel's. */
export const SUMMARY_LIMIT = /,(?:oom_memcg=(?=\/)|(global_oom),task_memcg=(?=\/))/;
export const BETWEEN = ',task_memcg=';
/** In what is before SUMMARY_LIMIT: the nodes that the task which allocated was bound to. Kernels without CONFIG_CPUSETS write no cpuset. */
export const SUMMARY_NODES =
  /^oom-kill:constraint=CONSTRAINT_(?:MEMORY_POLICY,nodemask=([\d,-]+)(?:,cpuset=|$)|CPUSET,.*,mems_allowed=([\d,-]+)$)/s;
/** The message, the same in all lines of a kill from "Kill process" on. */
export const OF_GROUP = /^Memory cgroup out of memory\b/;
const OF_MACHINE = /^Out of memory\b(?! in UB )/;
/** Up to Linux 4.20, where a child may be killed in place of the chosen process. Any end but none: a path, or what a vendor has in its place. */
export const TASK_IN = /^Task in (\/.*) killed as a result of limit of ./s;
export const TASK_IN_BETWEEN = ' killed as a result of limit of ';
/** Alibaba 4.19: of the machine's memory. */
export const TASK_IN_HOST = `${TASK_IN_BETWEEN}host`;
export const CHOSEN =
  /^(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: [Kk]ill process (\d+) \((.*)\) score -?\d+ or (?:sacrifice|a) child$/s;
/** No process is killed. */
export const EXITING =
  /^(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: OOM victim (\d+) \(.*\) is already exiting/s;
export const NOTHING_TO_KILL = /^Out of memory and no killable processes/;
export const WHOLE = /^Tasks in (\/.*) are going to be killed due to memory\.oom\.group set$/s;
/** Lines that are printed in pieces, which become records of their own where a path is long or another CPU prints between; no process's name. */
export const IN_PIECES = /^(?:oom-kill:constraint=|Tasks? in (?:$|\/))/;
/** These too: before Linux 5.3 with the values (/a: cache:0KB rss:4KB), since then without. */
export const STATS_IN_PIECES = /^Memory cgroup stats/;
export const STATS_PIECE = /^:?(?: \w+:\d+KB)*$/;
/** A process's name has at most 15 bytes. */
export const BEGINS = /^.{0,15} invoked oom-killer: /s;
/** Linux 4.11 to 4.20; "(null)" where no memory policy was the constraint. */
export const HEADER_NODES = /^.{0,15} invoked oom-killer: gfp_mask=[^,]*, nodemask=([\d,-]+), +order=/s;
/** In a name, the kernel takes "\x01c" at the start of a line for KERN_CONT, so that the line has the flag "c". A path is the rest of a line. */
export const BEGINS_AS_REST = /^(?!\/|,(?:oom|task)_memcg=).{0,15} invoked oom-killer: gfp_mask=0x/s;
/** Anchored, since a group's name could look like this line. Virtuozzo 7 and 9 name the container after the process. */
export const KILLED =
  /^(?:(?:Memory cgroup out|Out) of memory(?: \(oom_kill_allocating_task\))?: )?Killed process (\d+)(?:, UID \d+,)? \((.{0,15})\)(?:(?:, UID \d+,| (?:in )?VE "[^"]*")? (?:total-vm|vsz):\d+kB, anon-rss:(\d+)kB, file-rss:(\d+)kB(?:, shmem-rss:(\d+)kB)?|$)/s;
/** Virtuozzo's, of a container. */
export const KILLED_IN_UB = /^Out of memory in UB \d+: OOM killed process (\d+) \((.*)\) score -?\d+ vm:\d+kB, rss:(\d+)kB/s;
/** Virtuozzo's, after a kill, of further processes; and the end of them. */
export const RAGE = /^Rage kill process (\d+) \((.{0,15})\)$/s;
export const RAGE_END = /^OOM killer in rage \d+: \d+ tasks killed$/;
/** From Linux 4.6 on, of a process that was killed before. */
export const REAPED = /^oom_reaper: reaped process (\d+) \((.{0,15})\), now anon-rss:\d+kB/s;

/** What memory is used up. */
export type Kind = 'machine' | 'group';

/** The message, which lines of Linux 5.0 and before have not all. */
export function kindOf(bytes: string): Kind | undefined {
  return OF_MACHINE.test(bytes) ? 'machine' : OF_GROUP.test(bytes) ? 'group' : undefined;
}

export function kindOfSummary(bytes: string): Kind {
  const limit = SUMMARY_LIMIT.exec(bytes);
  const isOfGroup = limit ? limit[1] === undefined : bytes.startsWith(`${SUMMARY}CONSTRAINT_MEMCG,`);
  return isOfGroup ? 'group' : 'machine';
}
