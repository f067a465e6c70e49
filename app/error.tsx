// What is shown in place of a page that broke; the frame around it goes on.
'use client';
import { Button, LinkButton } from '../components/ui/button.tsx';
import { EmptyState } from '../components/ui/empty-state.tsx';

export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <EmptyState
      title="This page broke"
      actions={
        <>
          <Button onClick={reset}>Try again</Button>
          <LinkButton href="/" variant="quiet">
            To the deck
          </LinkButton>
        </>
      }
    >
      <p>Nothing was changed on the machine. The message is:</p>
      <p className="mt-2 font-mono text-sm break-words text-text">{error.message}</p>
    </EmptyState>
  );
}
