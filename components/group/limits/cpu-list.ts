// CPU lists as the kernel writes them ("0-3,6"): which CPUs they name, and why a text is none.

/** The CPUs that a list names, or why it is no list for a machine with so many CPUs. */
export function parseCpuList(input: string, cpus: number): { readonly cpus: readonly number[] } | { readonly fault: string } {
  const text = input.replaceAll(/\s+/g, '');
  if (text === '') return { fault: 'An empty list would let no task run.' };
  const named = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match) return { fault: `“${part}” is neither a CPU nor a range such as 0-3.` };
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    if (last < first) return { fault: `The range ${part} runs backwards.` };
    if (last >= cpus) return { fault: `CPU ${last} is beyond this machine’s ${cpus} (0-${cpus - 1}).` };
    for (let cpu = first; cpu <= last; cpu++) named.add(cpu);
  }
  return { cpus: [...named].sort((a, b) => a - b) };
}

/** [0,1,2,6] -> "0-2,6", as the kernel reads it back. */
export function formatCpuList(cpus: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < cpus.length; ) {
    let end = at;
    while (cpus[end + 1] === (cpus[end] ?? 0) + 1) end++;
    parts.push(end === at ? `${cpus[at]}` : `${cpus[at]}-${cpus[end]}`);
    at = end + 1;
  }
  return parts.join(',');
}
