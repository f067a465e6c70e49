// Drops root for good once the port is bound: code that parses HTTP must not be able to regain it.
import { readdirSync, readFileSync } from 'node:fs';

/** Must be empty. The bounding set does not matter: it limits what an exec can gain, which no_new_privs forbids. */
const CAPABILITIES = ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'];

function statusOf(task: string): Map<string, string> {
  const lines = readFileSync(`/proc/self/task/${task}/status`, 'utf8').split('\n');
  return new Map(lines.map((line) => [line.split(':', 1)[0] ?? '', line.slice(line.indexOf(':') + 1).trim()]));
}

function mustThrow(attempt: () => void): void {
  try {
    attempt();
  } catch {
    return;
  }
  throw new Error('Root could be regained after it was dropped.');
}

function faultOf(status: Map<string, string>, uid: number, gid: number): string | undefined {
  if (status.get('Uid') !== [uid, uid, uid, uid].join('\t')) return `Uid is ${status.get('Uid')}`;
  if (status.get('Gid') !== [gid, gid, gid, gid].join('\t')) return `Gid is ${status.get('Gid')}`;
  if (status.get('Groups') !== '') return `Groups are ${status.get('Groups')}`;
  const kept = CAPABILITIES.find((name) => !/^0+$/.test(status.get(name) ?? ''));
  return kept && `${kept} is ${status.get(kept)}`;
}

/**
 * Becomes uid and gid in every thread, and verifies it (setuid(2), credentials(7)).
 * @throws Error if anything of root is left: the process must end
 */
export function dropRoot(uid: number, gid: number): void {
  const { setgroups, setgid, setuid } = process;
  if (uid === 0 || gid === 0) throw new Error('The web process would have to run as root: give it a user of its own.');
  if (!setgroups || !setgid || !setuid) throw new Error('This system cannot change users.');
  setgroups([]);
  setgid(gid);
  setuid(uid);
  mustThrow(() => setuid(0));
  mustThrow(() => setgid(0));
  for (const task of readdirSync('/proc/self/task')) {
    const fault = faultOf(statusOf(task), uid, gid);
    if (fault) throw new Error(`Root was not dropped in thread ${task}: ${fault}.`);
  }
}

/** Whether no thread can gain privileges by executing a program (prctl(2), PR_SET_NO_NEW_PRIVS). */
export function cannotGainPrivileges(): boolean {
  return readdirSync('/proc/self/task').every((task) => statusOf(task).get('NoNewPrivs') === '1');
}
