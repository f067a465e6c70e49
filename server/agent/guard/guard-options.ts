// What a guard needs, and what it reports.
import type { LimitWriter } from '../act/limits.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Reach } from '../kernel/reach.ts';
import type { Sources } from '../kernel/sources.ts';
import type { StateFaults } from '../state/state-faults.ts';
import type { WriteObserver } from './guarded-files.ts';
import type { Caught } from './mechanism.ts';
import type { Watchdog } from './watchdog.ts';

export type CaughtGroup = Caught & { readonly group: string };

/** What became of a guard that an earlier agent left; `gone`: its group was removed; `refused`: the kernel refused to restore all, the next start tries again. */
export interface Recovered {
  readonly group: string;
  readonly outcome: 'continued' | 'restored' | 'gone' | 'refused';
  /** Why, where it was refused. */
  readonly sentence?: string;
}

export interface GuardOptions {
  /** Without it others that write limits through this agent may do so while a guard is armed. */
  readonly limits?: Pick<LimitWriter, 'turn'>;
  /** Without it the tick finds what the guard wrote, and does not know who did. */
  readonly observer?: WriteObserver;
  readonly layout: Layout;
  readonly reach: Pick<Reach, 'mayWrite' | 'holdsOurselves'>;
  readonly sources: Sources;
  readonly stateDir: string;
  readonly faults?: StateFaults;
  /** The kernel's boot id. */
  readonly boot: string;
  /** Gives groups back if this process ends or hangs. */
  readonly watchdog?: Watchdog;
}
