// Holds the place of what is still to come, in its size, so that nothing moves when it comes.
import { cx } from './classes.ts';

export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden className={cx('skeleton block', className)} />;
}
