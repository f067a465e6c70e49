// All guards, the groups that they match, and the state of each.
import type { Metadata } from 'next';
import { GuardsPage } from '../../components/guard/guards-page.tsx';

export const metadata: Metadata = { title: 'Guards' };

export default function Page() {
  return <GuardsPage />;
}
