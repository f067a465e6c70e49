// Moves a process into a group in every hierarchy, or, if one refuses, in none.
import { writeFileSync } from 'node:fs';
import { refusal } from '../kernel/files/refusals.ts';
import { onDisk } from '../kernel/hierarchy/disk-path.ts';
import type { Group } from '../kernel/hierarchy/group-tree.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import { groupsOfProcess } from '../kernel/hierarchy/process-groups.ts';

/** @throws ProblemError with what the kernel refused; the process is then where it was */
export function moveInto(layout: Layout, group: Group, pid: number): void {
  const before = groupsOfProcess(pid);
  const moved: string[] = [];
  for (const hierarchy of group.in.keys()) {
    const name = hierarchy.version === 2 ? 'unified' : hierarchy.controllers.join(',');
    try {
      writeFileSync(onDisk(`${layout.dir(hierarchy, group.path)}/cgroup.procs`), String(pid));
      moved.push(layout.dir(hierarchy, before.get(name) ?? '/'));
    } catch (cause) {
      for (const back of moved.reverse()) moveBack(pid, back);
      throw refusal({ group: group.path, file: 'cgroup.procs', version: hierarchy.version, asked: String(pid), cause });
    }
  }
}

function moveBack(pid: number, dir: string): void {
  try {
    writeFileSync(onDisk(`${dir}/cgroup.procs`), String(pid));
  } catch {
    // The process or its old group is gone; the refusal of the move is the one to report.
  }
}
