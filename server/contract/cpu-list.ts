// CPU lists as the kernel writes them ("0-3,6"; cpuset(7), “List format”).

const RANGE = /^(\d{1,5})(?:-(\d{1,5}))?$/;

/** The CPU numbers in a list, sorted; undefined if it is not a list. An empty list has none. */
export function cpusIn(list: string): number[] | undefined {
  const named = new Set<number>();
  for (const part of list === '' ? [] : list.split(',')) {
    const match = RANGE.exec(part);
    const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
    if (!match || last < first) return undefined;
    for (let cpu = first; cpu <= last; cpu++) named.add(cpu);
  }
  return [...named].sort((a, b) => a - b);
}
