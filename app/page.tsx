// The deck: every control group, live.
import type { Metadata } from 'next';
import { Suspense } from 'react';
import { Deck } from '../components/deck/deck.tsx';
import { DeckLoading } from '../components/deck/deck-states.tsx';

export const metadata: Metadata = { title: 'Deck' };

export default function Page() {
  return (
    <Suspense fallback={<DeckLoading />}>
      <Deck />
    </Suspense>
  );
}
