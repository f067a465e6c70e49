// The shape and colour of an event: the same on the tape, in the list and on the timeline.
import {
  CircleDashed,
  CirclePlus,
  CircleX,
  CornerRightDown,
  Gauge,
  Gavel,
  Hand,
  LogOut,
  type LucideIcon,
  Play,
  Rocket,
  RotateCw,
  Skull,
  SlidersHorizontal,
  TrendingUp,
} from 'lucide-react';
import type { Event, EventKind } from '../../server/contract/events.ts';
import { cx } from '../ui/classes.ts';
import { FrozenGlyph, OomGlyph, PressureGlyph } from '../ui/glyphs.tsx';

const ICON: Record<Exclude<EventKind, 'oom' | 'oom_kill' | 'pressure' | 'freeze'>, LucideIcon> = {
  threshold: Gauge,
  forecast: TrendingUp,
  empty: CircleDashed,
  thaw: Play,
  write: SlidersHorizontal,
  launch: Rocket,
  exit: LogOut,
  restart: RotateCw,
  create: CirclePlus,
  remove: CircleX,
  move: CornerRightDown,
  kill: Skull,
  hold: Hand,
  decision: Gavel,
};

export function EventGlyph({ event, className }: { readonly event: Event; readonly className?: string }) {
  const { kind } = event;
  if (kind === 'oom' || kind === 'oom_kill') return <OomGlyph className={className} />;
  if (kind === 'pressure') return <PressureGlyph level={event.level} className={className} />;
  if (kind === 'freeze') return <FrozenGlyph className={className} />;
  const Icon = ICON[kind];
  return (
    <Icon aria-hidden strokeWidth={1.75} className={cx('size-4 shrink-0', kind === 'thaw' ? 'text-frozen' : 'text-quiet', className)} />
  );
}
