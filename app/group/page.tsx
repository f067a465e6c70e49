// The page of one control group: /group?path=/cgdeck/web&tab=processes.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { GroupPage } from '../../components/group/group-page.tsx';

export const metadata: Metadata = { title: 'Group' };

export default function Page() {
  return (
    <Suspense>
      <GroupPage />
    </Suspense>
  );
}
