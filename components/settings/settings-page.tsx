// The settings page: notices of this browser, destinations of notices, and the last deliveries.
'use client';
import { useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { BrowserSection } from './browser-section.tsx';
import { Deliveries } from './deliveries.tsx';
import { Destinations } from './destinations.tsx';

/** Deliveries change while the page is open. */
const EVERY_MS = 3000;

export function SettingsPage() {
  const { data, error, again } = useAnswer('notices', () => api.notices(), EVERY_MS);
  return (
    <div className="mx-auto flex max-w-[1080px] flex-col gap-6 px-4 pt-3 pb-8 max-sm:px-3">
      <h1 className="text-lg font-semibold">Settings</h1>
      {error && !data && <ErrorState problem={error} />}
      {!data && !error && (
        <div role="status" aria-label="Loading the settings" className="flex flex-col gap-3">
          <Skeleton className="h-8 w-56" />
          <Skeleton className="h-40 opacity-60" />
        </div>
      )}
      {data && <Destinations notices={data} onChanged={again} />}
      {data && <Deliveries deliveries={data.deliveries} />}
      <BrowserSection />
    </div>
  );
}
