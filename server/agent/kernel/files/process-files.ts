// Parsers of a process's files in /proc (proc_pid_status(5), proc_pid_stat(5)).

const KIB = 1024;
/** USER_HZ is 100 on every machine that cgdeck runs on (time(7)). */
const MS_PER_TICK = 10;
const WHOLE = /^\d+$/;

/** What status and stat say of a process. */
export interface ProcessFacts {
  readonly comm: string;
  readonly state: string;
  readonly ppid: number;
  readonly uid: number;
  /** Its number in the innermost pid namespace. */
  readonly pidInside: number;
  readonly threads: number;
  /** 0 for a kernel thread. */
  readonly rssBytes: number;
  /** CPU time used since it started, ms. */
  readonly cpuMs: number;
}

/**
 * @param text /proc/<pid>/status; a line that does not end has been cut, and is left out
 * @returns a field's text without the blanks around it; "" for one that this kernel does not write
 */
export function parseStatus(text: string): (name: string) => string {
  const fields = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const colon = line.indexOf(':');
    const [name, value] = [line.slice(0, colon), line.slice(colon + 1)];
    // A command name may begin and end with blanks, and be empty.
    if (colon > 0 && !fields.has(name)) fields.set(name, name === 'Name' ? unescapeName(value.replace(/^\t/, '')) : value.trim());
  }
  return (name) => fields.get(name) ?? '';
}

/** The kernel escapes line breaks and backslashes here, and nowhere else (proc_task_name). */
function unescapeName(name: string): string {
  return name.replace(/\\([n\\])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

/** @returns the fields of /proc/<pid>/stat from the third, the state; before it is the command name, which may be any text in parentheses */
export function parseProcessStat(text: string): string[] {
  return text.endsWith('\n') ? text.slice(text.lastIndexOf(')') + 2, -1).split(' ') : [];
}

/** @returns undefined where the kernel's text is not whole */
export function parseProcess(pid: number, status: string, stat: string): ProcessFacts | undefined {
  const field = parseStatus(status);
  const [uid = '', ppid] = [field('Uid').split(/\s+/)[0], field('PPid')];
  const [userTicks = '', systemTicks = ''] = parseProcessStat(stat).slice(11);
  if (![uid, ppid, userTicks, systemTicks].every((text) => WHOLE.test(text))) return undefined;
  // Since Linux 4.1, and only with pid namespaces.
  const inside = field('NSpid').split(/\s+/).at(-1) ?? '';
  return {
    comm: field('Name'),
    state: field('State'),
    ppid: Number(ppid),
    uid: Number(uid),
    pidInside: WHOLE.test(inside) ? Number(inside) : pid,
    threads: Number.parseInt(field('Threads'), 10) || 1,
    rssBytes: (Number.parseInt(field('VmRSS'), 10) || 0) * KIB,
    cpuMs: (Number(userTicks) + Number(systemTicks)) * MS_PER_TICK,
  };
}
