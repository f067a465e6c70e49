// Puts the guards together: how groups are held, by which plans, how they are decided, and what gives them back if the agent ends.
import { totalmem } from 'node:os';
import { memoryUsage } from '../../contract/derive.ts';
import type { GuardPlan } from '../../contract/guards.ts';
import { measureOf } from '../../contract/quantities.ts';
import type { ActParts } from '../act/act-parts.ts';
import { realClock } from '../kernel/clock.ts';
import type { Sources } from '../kernel/sources.ts';
import type { StateFaults } from '../state/state-faults.ts';
import { type ChoiceParts, Choices } from './choices.ts';
import { Guard } from './guard.ts';
import { GuardPlans } from './guard-plans.ts';
import { Guards } from './guards.ts';
import { HoldStore } from './hold-store.ts';
import { machineMemory } from './machine-shortage.ts';
import { Watchdog } from './watchdog.ts';

export interface GuardAssemblyParts extends ActParts, Pick<ChoiceParts, 'limits' | 'operations' | 'processes' | 'reclaimer'> {
  readonly sources: Sources;
  readonly stateDir: string;
  readonly runDir: string;
  readonly boot: string;
  readonly faults: StateFaults;
  /** The guard that a launch was requested with. */
  readonly ofLaunch: (group: string) => GuardPlan | undefined;
  /** The watchdog's pid. */
  readonly watchdogStarted: (pid: number) => void;
}

export interface AssembledGuards {
  readonly guards: Guards;
  readonly watchdog: Watchdog;
  /** What is wrong with guards.json or the watchdog, a sentence each. */
  readonly problems: () => readonly string[];
}

export function assembleGuards(parts: GuardAssemblyParts): AssembledGuards {
  const { stateDir, runDir, boot, faults, observer, reporter, io } = parts;
  const watchdog = new Watchdog({ runDir, started: parts.watchdogStarted });
  const guard = new Guard({ ...parts, watchdog });
  reporter.isGuarded = (group) => {
    const { freezeAtBytes, memswBytes } = guard.recordOf(group) ?? {};
    return freezeAtBytes !== undefined || memswBytes !== undefined;
  };
  const plans = new GuardPlans(stateDir, parts.ofLaunch);
  const guards = new Guards({
    ...parts,
    guard,
    plans,
    store: new HoldStore(stateDir, boot, faults),
    machine: () => machineMemory(observer.readings('/') ?? {}),
    secondsLeft: (group) => observer.forecasts.of(group)?.secondsLeft,
    clock: realClock,
    choices: new Choices({
      ...parts,
      guard,
      machineBytes: () => Number(observer.readings('/')?.['meminfo:MemTotal'] ?? totalmem()),
      usageOf: (group) => {
        const { readings } = observer.view(io.group(group), true);
        return { usage: memoryUsage(readings) ?? 0, memswUsage: Number(measureOf('memsw-usage', readings) ?? 0) };
      },
    }),
  });
  return { guards, watchdog, problems: () => [...watchdog.problems, ...(plans.problem === undefined ? [] : [plans.problem])] };
}
