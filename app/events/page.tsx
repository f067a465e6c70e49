// The live log of what the kernel reported and what people did.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { EventsLoading } from '../../components/events/events-loading.tsx';
import { EventsPage } from '../../components/events/events-page.tsx';

export const metadata: Metadata = { title: 'Events' };

export default function Page() {
  return (
    <Suspense fallback={<EventsLoading />}>
      <EventsPage />
    </Suspense>
  );
}
