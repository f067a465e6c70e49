// A group's path that is cut at its start where it is too long: groups differ at the end.
import { cx } from './classes.ts';

export function PathText({ path, className }: { readonly path: string; readonly className?: string }) {
  return (
    // An ellipsis comes at the end of the line's direction.
    <span dir="rtl" title={path} className={cx('truncate text-left font-mono text-xs', className)}>
      <bdi dir="ltr">{path}</bdi>
    </span>
  );
}
