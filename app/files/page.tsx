// Every control file of v1 and v2, explained, with its counterpart in the other version.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { ReferencePage } from '../../components/reference/reference-page.tsx';
import { ReferenceWaiting } from '../../components/reference/reference-waiting.tsx';

export const metadata: Metadata = { title: 'Control files' };

export default function Page() {
  return (
    <Suspense fallback={<ReferenceWaiting />}>
      <ReferencePage />
    </Suspense>
  );
}
