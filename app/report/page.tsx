// One report about an OOM kill, by the id of an event: /report?id=5012.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ReportPage } from '../../components/reports/report-page.tsx';

export const metadata: Metadata = { title: 'Report' };

export default function Page() {
  return (
    <Suspense>
      <ReportPage />
    </Suspense>
  );
}
