// The reference before this machine’s version is known: everything in its place and size.
import { Skeleton } from '../ui/skeleton.tsx';

const WIDTHS = ['w-44', 'w-32', 'w-52', 'w-36', 'w-48', 'w-40'];

export function ReferenceWaiting() {
  return (
    <div role="status" aria-label="Loading the control files" className="px-4 pt-3 max-sm:px-3">
      <h1 className="text-lg font-semibold">Control files</h1>
      <Skeleton className="mt-1 h-4 w-80 max-w-full" />
      <Skeleton className="mt-4 h-8 w-full" />
      <div className="mt-4 divide-y divide-line border-y border-line">
        {WIDTHS.map((width) => (
          <div key={width} className="h-16 py-3">
            <Skeleton className={`h-3.5 ${width}`} />
            <Skeleton className="mt-2 h-3 w-2/3" />
          </div>
        ))}
      </div>
    </div>
  );
}
