// Where a group's control files are that a guard changes, and which group it is.
import { statSync } from 'node:fs';
import { ProblemError } from '../../contract/problems.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Hierarchy } from '../kernel/hierarchy/mounts.ts';
import type { Identity } from './guard-limits.ts';
import type { GuardRecord } from './guard-record.ts';
import { GuardedFiles, type WriteObserver } from './guarded-files.ts';

export class GuardPlaces {
  readonly #layout: Layout;
  readonly #boot: string;
  readonly #observer: WriteObserver | undefined;

  /** @param boot the kernel's boot id */
  constructor(layout: Layout, boot: string, observer?: WriteObserver) {
    this.#layout = layout;
    this.#boot = boot;
    this.#observer = observer;
  }

  identity(group: string): Identity {
    return { group, boot: this.#boot, inode: inodeOf(this.dir(group)), version: this.#hierarchy().version };
  }

  /** Whether it is still the group that the record is about. */
  isSame({ group, boot, inode }: GuardRecord): boolean {
    return boot === this.#boot && inodeOf(this.dir(group)) === inode;
  }

  /** In the memory controller's hierarchy. @throws ProblemError unsupported where none is mounted */
  dir(group: string): string {
    return this.#layout.dir(this.#hierarchy(), group);
  }

  files(group: string): GuardedFiles {
    const find = (name: string) => this.#layout.filePath(group, name, (hierarchy) => inodeOf(this.#layout.dir(hierarchy, group)) !== 0);
    return new GuardedFiles(group, find, this.#observer);
  }

  #hierarchy(): Hierarchy {
    const hierarchy = this.#layout.ofController('memory') ?? this.#layout.unified;
    if (!hierarchy) throw new ProblemError('unsupported', 'No hierarchy with the memory controller is mounted.');
    return hierarchy;
  }
}

/** 0 if there is no such directory. */
function inodeOf(dir: string): number {
  return statSync(dir, { throwIfNoEntry: false })?.ino ?? 0;
}
