// The shapes that go with the colours, so that nothing is shown by colour alone.
import type { GroupState } from '../../server/contract/derive.ts';
import { type PressureLevel, pressureLevels } from '../../server/contract/event-kinds.ts';
import { cx } from './classes.ts';

interface GlyphProps {
  readonly className?: string | undefined;
  /** For screen readers; left out where words beside it have the same meaning. */
  readonly label?: string | undefined;
}

function Glyph({ className, label, children }: GlyphProps & { readonly children: React.ReactNode }) {
  return (
    <svg
      viewBox="0 0 16 16"
      role="img"
      aria-label={label}
      aria-hidden={label === undefined || undefined}
      className={cx('size-4 shrink-0', className)}
    >
      {children}
    </svg>
  );
}

const LEVEL_CLASS: Record<PressureLevel, string> = {
  low: 'text-pressure-low',
  medium: 'text-pressure-medium',
  critical: 'text-pressure-critical',
};

/** One, two or three bars. */
export function PressureGlyph({ level, ...rest }: GlyphProps & { readonly level: PressureLevel }) {
  const bars = pressureLevels.indexOf(level) + 1;
  return (
    <Glyph {...rest} className={cx(LEVEL_CLASS[level], rest.className)}>
      {[0, 1, 2].map((bar) => (
        <rect
          key={bar}
          x={2 + bar * 4.5}
          y={10 - bar * 4}
          width={3}
          height={4 + bar * 4}
          rx={0.5}
          fill="currentColor"
          opacity={bar < bars ? 1 : 0.22}
        />
      ))}
    </Glyph>
  );
}

/** A filled octagon with a cross: killed, or waiting until the limit is raised. */
export function OomGlyph(props: GlyphProps) {
  return (
    <Glyph {...props} className={cx('text-oom', props.className)}>
      <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
      <path d="m5.5 5.5 5 5m0-5-5 5" stroke="var(--color-oom-text)" strokeWidth={1.6} strokeLinecap="round" />
    </Glyph>
  );
}

/** A snow crystal; while freezing it is hollow. */
export function FrozenGlyph({ freezing = false, ...rest }: GlyphProps & { readonly freezing?: boolean }) {
  return (
    <Glyph {...rest} className={cx('text-frozen', freezing && 'pending', rest.className)}>
      <path
        d="M8 1.5v13M2.4 4.75l11.2 6.5M2.4 11.25l11.2-6.5"
        stroke="currentColor"
        strokeWidth={freezing ? 1.1 : 1.7}
        strokeLinecap="round"
        fill="none"
      />
      {!freezing && <circle cx={8} cy={8} r={2.2} fill="currentColor" />}
    </Glyph>
  );
}

/** A shield with the bars of a pause: stopped by its guard, and waiting for a decision. */
export function HeldGlyph(props: GlyphProps) {
  return (
    <Glyph {...props} className={cx('text-frozen', props.className)}>
      <path d="M8 .8 14.2 3v5.2c0 3.6-2.6 5.9-6.2 7-3.6-1.1-6.2-3.4-6.2-7V3z" fill="currentColor" />
      <path d="M6.1 5v5.4M9.9 5v5.4" stroke="var(--color-surface)" strokeWidth={1.9} strokeLinecap="round" />
    </Glyph>
  );
}

/** A dot: running. Hollow: empty. */
export function RunningGlyph({ empty = false, ...rest }: GlyphProps & { readonly empty?: boolean }) {
  return (
    <Glyph {...rest} className={cx('text-quiet', rest.className)}>
      {empty ? (
        <circle cx={8} cy={8} r={2.75} fill="none" stroke="currentColor" strokeWidth={1.2} opacity={0.7} />
      ) : (
        <circle cx={8} cy={8} r={3} fill="currentColor" />
      )}
    </Glyph>
  );
}

export interface StateGlyphProps {
  readonly state: GroupState;
  readonly underOom: boolean;
  /** No process in the group or below it. */
  readonly empty: boolean;
}

/** The one glyph for a group’s state; the worst comes first. */
export function StateGlyph({ state, underOom, empty }: StateGlyphProps) {
  if (underOom) return <OomGlyph label="Out of memory: its tasks wait until the limit is raised" />;
  if (state === 'thawed') return <RunningGlyph empty={empty} label={empty ? 'Empty: no process' : 'Running'} />;
  return <FrozenGlyph freezing={state === 'freezing'} label={state === 'frozen' ? 'Frozen' : 'Freezing'} />;
}
