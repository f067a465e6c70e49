// The rail’s track: usage and its reclaimable end, its protected part, the peak, an ancestor’s limit, and the scale below. It takes no input.
import type { GroupState } from '../../../server/contract/derive.ts';
import { cx } from '../../ui/classes.ts';
import { positionOf, RAIL_MEMORY_END, railTicks } from './scale.ts';
import { sizeText } from './size-text.ts';

export interface RailTrackProps {
  readonly memoryBytes: number;
  readonly usageBytes?: number | undefined;
  readonly reclaimableBytes?: number | undefined;
  readonly peakBytes?: number | undefined;
  /** The effective protection by memory.low. */
  readonly protectedBytes?: number | undefined;
  /** The tightest limit above the group. */
  readonly ancestor?: { readonly bytes: number; readonly group: string } | undefined;
  /** Where a guard holds the group. */
  readonly lineBytes?: number | undefined;
  readonly state?: GroupState | undefined;
}

const percent = (position: number) => `${(position * 100).toFixed(3)}%`;

export function RailTrack({
  memoryBytes,
  usageBytes,
  reclaimableBytes = 0,
  peakBytes,
  protectedBytes = 0,
  ancestor,
  lineBytes,
  state = 'thawed',
}: RailTrackProps) {
  const at = (bytes: number) => positionOf(bytes, memoryBytes);
  const used = usageBytes === undefined ? 0 : at(usageBytes);
  const firm = usageBytes === undefined ? 0 : at(Math.max(0, usageBytes - reclaimableBytes));
  const frozen = state !== 'thawed';
  return (
    <div aria-hidden className="absolute inset-0 overflow-hidden rounded-md border border-line-strong/40 bg-surface">
      {railTicks(memoryBytes).map(({ bytes, position, rank }) => (
        <div
          key={bytes}
          className={cx('absolute bottom-0 w-px bg-line', rank === 2 ? 'h-1.5' : 'inset-y-0 h-full')}
          style={{ left: percent(position) }}
        />
      ))}
      <div
        className={cx('absolute inset-y-0 left-0 transition-[width] duration-300 ease-linear', frozen ? 'bg-frozen' : 'bg-usage')}
        style={{ width: percent(firm) }}
      />
      <div
        className="hatch absolute inset-y-0 bg-usage-soft transition-[left,width] duration-300 ease-linear [--hatch:var(--color-usage)]"
        style={{ left: percent(firm), width: percent(Math.max(0, used - firm)) }}
      />
      {frozen && (
        <div
          className={cx('hatch absolute inset-y-0 left-0 bg-frozen-soft/40', state === 'freezing' && 'hatch-moving')}
          style={{ width: percent(used) }}
        />
      )}
      {usageBytes !== undefined && (
        <div
          className={cx(
            'absolute inset-y-0 w-0.5 -translate-x-full transition-[left] duration-300 ease-linear',
            frozen ? 'bg-frozen' : 'bg-usage',
          )}
          style={{ left: percent(used) }}
        />
      )}
      {protectedBytes > 0 && (
        <div
          className="absolute bottom-0 left-0 h-1.5 border-t border-r-2 border-text bg-text/25"
          style={{ width: percent(at(protectedBytes)) }}
        />
      )}
      {peakBytes !== undefined && (
        <div className="absolute top-0 h-3.5 w-[1.5px] -translate-x-1/2 bg-text" style={{ left: percent(at(peakBytes)) }} />
      )}
      {lineBytes !== undefined && <GuardLine left={at(lineBytes)} />}
      {ancestor && <GhostWall left={at(ancestor.bytes)} bytes={ancestor.bytes} group={ancestor.group} />}
      <div
        className="absolute inset-y-0 right-0 border-l border-dashed border-line-strong/50 bg-line/40"
        style={{ left: percent(RAIL_MEMORY_END) }}
      />
    </div>
  );
}

/** A double line in the colour of what is frozen: there the guard stops it. */
function GuardLine({ left }: { readonly left: number }) {
  return (
    <div className="absolute inset-y-0 w-[7px] -translate-x-1/2 bg-surface px-px" style={{ left: percent(left) }}>
      <div className="h-full border-x-2 border-frozen" />
    </div>
  );
}

/** From here on an ancestor’s limit binds, whatever the group’s own. */
function GhostWall({ left, bytes, group }: { readonly left: number; readonly bytes: number; readonly group: string }) {
  return (
    <div
      className="hatch absolute inset-y-0 right-0 border-l-2 border-dotted border-quiet [--hatch:var(--color-line-strong)]"
      style={{ left: percent(left) }}
    >
      <span className="absolute top-1 left-1.5 max-w-[calc(100%-12px)] truncate rounded-sm bg-surface/85 px-1 text-2xs text-quiet">
        {sizeText(bytes)} · {group}
      </span>
    </div>
  );
}

/** Labels under the track; a narrow one labels only every fourth doubling. */
export function RailScale({ memoryBytes }: { readonly memoryBytes: number }) {
  return (
    <div aria-hidden className="relative -mt-[2px] h-[16px] text-2xs text-quiet select-none">
      {railTicks(memoryBytes).map(({ bytes, position, rank }) =>
        rank === 2 || position > RAIL_MEMORY_END - 0.07 ? null : (
          <span
            key={bytes}
            className={cx('absolute -translate-x-1/2 whitespace-nowrap', rank === 1 && 'max-sm:hidden')}
            style={{ left: percent(position) }}
          >
            {sizeText(bytes)}
          </span>
        ),
      )}
      <span className="absolute -translate-x-full pr-1 whitespace-nowrap max-sm:hidden" style={{ left: percent(RAIL_MEMORY_END) }}>
        {sizeText(memoryBytes)}
      </span>
      <span className="absolute right-0">max</span>
    </div>
  );
}
