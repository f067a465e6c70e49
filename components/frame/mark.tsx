// The logo of cgdeck: three bars of usage before a limit.
import { cx } from '../ui/classes.ts';

export function Mark({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cx('shrink-0', className)}>
      <rect x={3} y={6} width={17} height={5} rx={1.25} fill="var(--color-usage)" />
      <rect x={3} y={13.5} width={10} height={5} rx={1.25} fill="var(--color-usage)" />
      <rect x={3} y={21} width={21} height={5} rx={1.25} fill="var(--color-usage)" />
      <rect x={26} y={4} width={3} height={24} rx={1.25} fill="var(--color-hard)" />
    </svg>
  );
}
