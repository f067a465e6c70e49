// The shape and colour of an event: the same on the tape, in the list and on the timeline.
import {
  CircleDashed,
  CirclePlus,
  CircleX,
  CornerRightDown,
  Gauge,
  LogOut,
  Play,
  Rocket,
  RotateCw,
  Skull,
  SlidersHorizontal,
} from 'lucide-react';
import type { Event } from '../../server/contract/events.ts';
import { cx } from '../ui/classes.ts';
import { FrozenGlyph, OomGlyph, PressureGlyph } from '../ui/glyphs.tsx';

export function EventGlyph({ event, className }: { readonly event: Event; readonly className?: string }) {
  const rest = className === undefined ? {} : { className };
  const plain = { 'aria-hidden': true, strokeWidth: 1.75, className: cx('size-4 shrink-0 text-quiet', className) } as const;
  switch (event.kind) {
    case 'oom':
    case 'oom_kill':
      return <OomGlyph {...rest} />;
    case 'pressure':
      return <PressureGlyph level={event.level} {...rest} />;
    case 'threshold':
      return <Gauge {...plain} />;
    case 'empty':
      return <CircleDashed {...plain} />;
    case 'freeze':
      return <FrozenGlyph {...rest} />;
    case 'thaw':
      return <Play {...plain} className={cx('size-4 shrink-0 text-frozen', className)} />;
    case 'write':
      return <SlidersHorizontal {...plain} />;
    case 'launch':
      return <Rocket {...plain} />;
    case 'exit':
      return <LogOut {...plain} />;
    case 'restart':
      return <RotateCw {...plain} />;
    case 'create':
      return <CirclePlus {...plain} />;
    case 'remove':
      return <CircleX {...plain} />;
    case 'move':
      return <CornerRightDown {...plain} />;
    case 'kill':
      return <Skull {...plain} />;
    default:
      return event satisfies never;
  }
}
