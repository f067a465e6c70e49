// Shown instead of a page that failed; the frame around it still works.
'use client';
import { Button, LinkButton } from '../components/ui/button.tsx';
import { EmptyState } from '../components/ui/empty-state.tsx';

export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <EmptyState
      title="This page failed"
      actions={
        <>
          <Button onClick={reset}>Try again</Button>
          <LinkButton href="/" variant="quiet">
            To the deck
          </LinkButton>
        </>
      }
    >
      <p>Nothing on the machine was changed. The message is:</p>
      <p className="mt-2 font-mono text-sm break-words text-text">{error.message}</p>
    </EmptyState>
  );
}
