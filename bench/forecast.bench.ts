// The cost of forecasts in a tick: 1,000 groups below a limit that all grow, or all change without growing.
import { Forecasts } from '../server/agent/observe/forecasts.ts';
import { type Change, columnsOf } from '../server/contract/columns.ts';
import { GroupMirror } from '../server/contract/mirror.ts';
import { type Figure, ms, quantile } from './figure.ts';

const GROUPS = 1_000;
/** A minute until every trend is full, and one to measure. */
const TICKS = 120;
const MIB = 2 ** 20;
const AT_MOST_MS = 10;

/** @param bytesAt a group's usage in a tick @returns the median of a tick, in ms */
function cost(bytesAt: (tick: number) => number): number {
  const mirror = new GroupMirror();
  const forecasts = new Forecasts({ thresholdSec: 60, mirror, report: () => undefined });
  const groups = Array.from({ length: GROUPS }, (_, i) => ({
    ...{ gid: i + 1, path: i === 0 ? '/bench' : `/bench/g${i}`, inode: i + 1, managed: true, self: false },
    controllers: ['memory'],
  }));
  const took: number[] = [];
  for (let tick = 0; tick < TICKS; tick++) {
    const changes = groups.flatMap(({ gid }): Change[] => [
      [gid, 'memory.current', bytesAt(tick)],
      [gid, 'memory.stat:inactive_file', MIB],
    ]);
    if (tick === 0) changes.push([1, 'memory.max', 2 ** 50]);
    const head = { host: 'bench', epoch: 'bench', seq: tick + 1, timeMs: 0, monoMs: tick * 1000, full: tick === 0 };
    const tickHealth = { intervalMs: 1000, durationMs: 0, late: 0 };
    mirror.apply({ ...head, tick: tickHealth, groups: tick === 0 ? groups : [], removed: [], columns: columnsOf(changes) });
    const started = performance.now();
    forecasts.ticked(changes, tick * 1000);
    if (tick >= TICKS / 2) took.push(performance.now() - started);
  }
  return quantile(took, 0.5);
}

export async function bench(): Promise<Figure[]> {
  const [growing, changing] = [cost((tick) => (100 + tick + Math.random() / 4) * MIB), cost(() => (100 + Math.random()) * MIB)];
  return [
    {
      name: 'forecasts in a tick, 1,000 groups that all grow',
      cgdeck: ms(growing),
      comparedWith: `1,000 that change without growing: ${ms(changing)}`,
      ratio: (growing / changing).toFixed(2),
      target: `at most ${AT_MOST_MS} ms`,
      met: growing <= AT_MOST_MS,
    },
  ];
}
