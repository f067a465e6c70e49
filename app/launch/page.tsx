// The launch page: /launch, or /launch?again=/cgdeck/web to repeat a launch.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { LaunchPage } from '../../components/launch/launch-page.tsx';

export const metadata: Metadata = { title: 'Launch' };

export default function Page() {
  return (
    <Suspense>
      <LaunchPage />
    </Suspense>
  );
}
