// A time on the page: short, and the whole of it with day and zone on hover.
import { formatClock } from '../../server/contract/units.ts';
import { wholeMoment } from './moment-words.ts';

export interface MomentProps {
  /** Wall clock, ms. */
  readonly at: number;
  readonly withMs?: boolean;
  readonly className?: string;
  /** Instead of hh:mm:ss. */
  readonly children?: React.ReactNode;
}

export function Moment({ at, withMs = false, className, children }: MomentProps) {
  return (
    <time className={className} dateTime={new Date(at).toISOString()} title={wholeMoment(at)}>
      {children ?? formatClock(at, withMs)}
    </time>
  );
}
