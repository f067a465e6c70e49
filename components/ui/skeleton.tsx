// Reserves the place and size of content that is still loading, so that nothing moves when it arrives.
import { cx } from './classes.ts';

export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden className={cx('skeleton block', className)} />;
}
