// The deck: every control group, live.
import type { Metadata } from 'next';
import { Deck } from '../components/deck/deck.tsx';

export const metadata: Metadata = { title: 'Deck' };

export default function Page() {
  return <Deck />;
}
