// The shape of a stream: stdout a hollow dot, stderr a filled triangle in its colour.
import { cx } from '../../ui/classes.ts';

export function StreamMark({ stream, label }: { readonly stream: 'out' | 'err'; readonly label?: string }) {
  return (
    <>
      <svg aria-hidden="true" viewBox="0 0 10 10" className={cx('size-2.5 shrink-0', stream === 'err' ? 'text-series-2' : 'text-quiet')}>
        {stream === 'err' ? (
          <path d="M2 1l7 4-7 4z" fill="currentColor" />
        ) : (
          <circle cx="5" cy="5" r="3" fill="none" stroke="currentColor" strokeWidth="1.5" />
        )}
      </svg>
      {label !== undefined && <span className="sr-only">{label}</span>}
    </>
  );
}
