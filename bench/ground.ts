// The groups that a bench makes, all under one of its own, and how they go again, with every process in them.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { enableControllers } from '../server/agent/act/subtree.ts';
import { Layout } from '../server/agent/kernel/hierarchy/layout.ts';
import { readHierarchies } from '../server/agent/kernel/hierarchy/mounts.ts';
import { parentPath } from '../server/contract/paths.ts';

const EMPTY_POLL_MS = 5;

export class Ground {
  readonly layout = new Layout(readHierarchies());
  readonly root = `/cgdeck-test-bench-${process.pid}`;
  readonly #cleanups: (() => Promise<void>)[] = [];

  constructor() {
    this.openCpuset(this.make(this.root));
  }

  /** In every hierarchy, as the agent does, on v2 with the controllers. */
  make(group: string): string {
    enableControllers(this.layout, parentPath(group));
    for (const hierarchy of this.layout.hierarchies) mkdirSync(this.layout.dir(hierarchy, group), { recursive: true });
    return group;
  }

  /** A new cpuset group has no processors and takes no task until it is given some. */
  openCpuset(group: string): void {
    const cpuset = this.layout.ofController('cpuset');
    if (!cpuset) return;
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      writeFileSync(join(this.layout.dir(cpuset, group), file), readFileSync(join(this.layout.dir(cpuset, '/'), file), 'utf8'));
    }
  }

  /** Done before the groups are removed, last in first. */
  onRemove(cleanup: () => Promise<void>): void {
    this.#cleanups.push(cleanup);
  }

  async remove(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
    // Also where no controller is, such as systemd's own hierarchy: runc makes its group in each.
    for (const mountPoint of cgroupMounts()) await removeTree(join(mountPoint, this.root));
  }
}

function cgroupMounts(): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .flatMap(([, mountPoint = '', type]) => (type === 'cgroup' || type === 'cgroup2' ? [mountPoint] : []));
}

/** Only ever called for folders below the ground's root: every process inside was started by the bench. */
async function removeTree(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const entry of readdirSync(dir, { withFileTypes: true })) if (entry.isDirectory()) await removeTree(join(dir, entry.name));
  for (;;) {
    const pids = readFileSync(join(dir, 'cgroup.procs'), 'utf8')
      .split('\n')
      .filter((pid) => pid !== '');
    if (pids.length === 0) break;
    for (const pid of pids) process.kill(Number(pid), 'SIGKILL');
    // The kernel does not report when a killed process has left its v1 group.
    await setTimeout(EMPTY_POLL_MS);
  }
  rmdirSync(dir);
}
