// The list of reports about OOM kills: /reports?group=/docker/web.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ReportsPage } from '../../components/reports/reports-page.tsx';

export const metadata: Metadata = { title: 'Reports' };

export default function Page() {
  return (
    <Suspense>
      <ReportsPage />
    </Suspense>
  );
}
