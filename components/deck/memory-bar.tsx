// A group’s memory as one bar on the shared scale: usage filled, soft limit hollow, hard limit solid, peak a tick.
import { cx } from '../ui/classes.ts';
import type { Measures } from './measures.ts';
import { shareOf } from './memory-scale.ts';

const percent = (share: number) => `${(share * 100).toFixed(2)}%`;

export interface MemoryBarProps {
  readonly measures: Measures;
  readonly machineBytes: number;
}

export function MemoryBar({ measures, machineBytes }: MemoryBarProps) {
  const place = (bytes: number) => shareOf(bytes, machineBytes);
  const { usageBytes, softBytes, hardBytes, peakBytes, effective } = measures;
  const inherited =
    hardBytes === undefined && typeof effective.value === 'number' && effective.group !== measures.path ? effective.value : undefined;
  const wall = hardBytes ?? inherited;
  const end = wall === undefined ? 1 : place(wall);
  const still = measures.state !== 'thawed';
  return (
    <span aria-hidden="true" className="relative block h-4">
      {/* The track ends at the limit: memory above it cannot be used. */}
      <span className="absolute top-1 left-0 h-2 rounded-[2px] bg-line" style={{ width: percent(end) }} />
      {usageBytes !== undefined && (
        <span
          className={cx('absolute top-1 left-0 h-2 origin-left rounded-[2px]', still ? 'bg-frozen-fill' : 'bg-usage')}
          style={{ width: percent(Math.min(place(usageBytes), 1)) }}
        >
          {still && (
            <span
              className={cx(
                'block size-full rounded-[2px] hatch [--hatch:var(--color-surface)]',
                measures.state === 'freezing' && 'hatch-moving',
              )}
            />
          )}
        </span>
      )}
      {peakBytes !== undefined && peakBytes > (usageBytes ?? 0) && (
        <span className="absolute top-[3px] h-2.5 w-px bg-text" style={{ left: percent(place(peakBytes)) }} />
      )}
      {softBytes !== undefined && (
        <span
          className="absolute top-0.5 h-3 w-[5px] -translate-x-1/2 rounded-[1.5px] border-[1.5px] border-soft bg-raised"
          style={{ left: percent(place(softBytes)) }}
        />
      )}
      {hardBytes !== undefined && (
        <span className="absolute top-0 h-4 w-[3px] -translate-x-1/2 rounded-[1px] bg-hard" style={{ left: percent(end) }} />
      )}
      {inherited !== undefined && (
        <span className="absolute top-0 h-4 w-0 border-l-[1.5px] border-dashed border-hard/80" style={{ left: percent(end) }} />
      )}
    </span>
  );
}
