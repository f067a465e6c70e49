// A CPU list as typed: which CPUs it names, or what is wrong with it.
import type { Host } from '../../../server/contract/answers.ts';
import { cpusIn } from '../../../server/contract/cpu-list.ts';
import { parentPath } from '../../../server/contract/paths.ts';
import type { Readings } from '../../../server/contract/readings.ts';

/** The CPUs that a group may use, as the kernel lists them, and where they come from: “this machine”. */
export interface CpusToChoose {
  readonly list: string;
  readonly of: string;
}

/** @param above on v1 the readings of the group above, which can pass on only its own CPUs; v2 takes any list */
export function cpusToChoose(host: Pick<Host, 'cpuList'> | undefined, above: Readings | undefined, path: string): CpusToChoose {
  const list = above?.['cpuset.cpus'];
  const parent = parentPath(path);
  if (typeof list === 'string' && list !== '' && parent !== '/') return { list, of: parent };
  return { list: host?.cpuList ?? '0', of: 'this machine' };
}

/** The CPUs of a list, or why it cannot be used for these CPUs. */
export function parseCpuList(input: string, { list, of }: CpusToChoose): { readonly cpus: readonly number[] } | { readonly fault: string } {
  const text = input.replaceAll(/\s+/g, '');
  if (text === '') return { fault: 'With an empty list no task could run.' };
  const cpus = cpusIn(text);
  if (!cpus) {
    const wrong = text.split(',').find((part) => cpusIn(part) === undefined || part === '') ?? text;
    return { fault: `“${wrong}” is neither a CPU nor a range such as 0-3.` };
  }
  const there = new Set(cpusIn(list));
  const other = cpus.find((cpu) => !there.has(cpu));
  return other === undefined ? { cpus } : { fault: `CPU ${other} does not belong to ${of}, which has ${list}.` };
}
