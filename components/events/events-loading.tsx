// The events page while it loads: everything in its place and size.
import { Skeleton } from '../ui/skeleton.tsx';

const WIDTHS = ['w-40', 'w-56', 'w-48', 'w-64', 'w-44', 'w-52'];

/** Rows of placeholders. */
export function EventsWaiting() {
  return (
    <div role="status" aria-label="Loading the events" className="flex-1 overflow-hidden">
      {WIDTHS.map((width) => (
        <div key={width} className="flex h-[37px] items-center gap-4 border-b border-line/60 px-4">
          <Skeleton className="h-3 w-14" />
          <Skeleton className="size-3 rounded-full" />
          <Skeleton className="h-3 w-24" />
          <Skeleton className={`h-3 ${width}`} />
        </div>
      ))}
    </div>
  );
}

/** In the place of the timeline, until a time is known to begin it at. */
export function TimelineWaiting() {
  return (
    <div aria-hidden className="px-4 pt-3 max-sm:px-3">
      <div className="h-16 border-b border-line-strong/60" />
      <div className="h-10 max-sm:h-5" />
    </div>
  );
}

/** The whole page, until the filter in the URL is known. */
export function EventsLoading() {
  return (
    <div className="flex h-full flex-col">
      <div className="flex h-11 shrink-0 items-end px-4">
        <h1 className="mr-auto text-lg font-semibold">Events</h1>
        <Skeleton className="h-8 w-64 max-sm:hidden" />
        <Skeleton className="ml-2 h-8 w-44" />
      </div>
      <div className="mx-4 mt-3 h-16 shrink-0 border-b border-line-strong/60" />
      <div className="h-[84px] shrink-0 border-b border-line" />
      <EventsWaiting />
    </div>
  );
}
