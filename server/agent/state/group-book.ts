// The book of groups on disk: lets the next agent report which groups were made and removed while none ran.
import { join } from 'node:path';
import { AppendLog, readJsonLines } from './append-log.ts';
import { StateFaults } from './state-faults.ts';

/** Some thousand groups made or removed. */
const ROTATE_BYTES = 256 * 1024;

export class GroupBook {
  readonly #path: string;
  readonly #boot: string;
  readonly #faults: StateFaults;
  readonly #groups = new Map<string, number>();
  #log: AppendLog | undefined;
  /** The groups in the file at the start; undefined without a file of this boot. */
  readonly before: ReadonlyMap<string, number> | undefined;

  /** @param boot the kernel's boot id: groups do not outlive a boot */
  constructor(stateDir: string, boot: string, faults = new StateFaults()) {
    this.#path = join(stateDir, 'groups.ndjson');
    this.#boot = boot;
    this.#faults = faults;
    this.before = load(this.#path, boot, faults);
  }

  added(path: string, inode: number): void {
    this.#groups.set(path, inode);
    this.#log?.append(JSON.stringify(['+', path, inode]));
  }

  removed(path: string): void {
    this.#groups.delete(path);
    this.#log?.append(JSON.stringify(['-', path]));
  }

  /** Writes the file again with all known groups. Nothing is written before the first call, once the tree is complete. */
  compact(): void {
    const whole = () => [
      JSON.stringify(['boot', this.#boot]),
      ...[...this.#groups].map(([group, inode]) => JSON.stringify(['+', group, inode])),
    ];
    this.#log ??= new AppendLog({
      path: this.#path,
      keep: 0,
      rotateBytes: ROTATE_BYTES,
      head: whole,
      whole,
      what: 'The book of groups',
      cost: 'If cgdeck ends now, the next start cannot report which groups were made and removed meanwhile.',
      faults: this.#faults,
    });
    this.#log.rotate();
  }

  close(): void {
    this.#log?.close();
  }
}

function load(path: string, boot: string, faults: StateFaults): ReadonlyMap<string, number> | undefined {
  const cost = 'which groups were made and removed while cgdeck was not running may be reported wrongly, or not at all.';
  const groups = new Map<string, number>();
  let ofBoot: unknown;
  for (const entry of readJsonLines(path, cost, faults)) {
    const [what, group, inode]: unknown[] = Array.isArray(entry) ? entry : [];
    if (what === 'boot') {
      ofBoot = group;
      groups.clear();
    } else if (what === '+' && typeof group === 'string' && typeof inode === 'number') groups.set(group, inode);
    else if (what === '-' && typeof group === 'string') groups.delete(group);
  }
  return ofBoot === boot ? groups : undefined;
}
