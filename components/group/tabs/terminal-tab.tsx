// The terminals of a launch: which one, and the terminal itself, whose code is loaded only now.
'use client';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { SeenGroup } from '../../live/seen.ts';
import { type TerminalChoice, terminalsOf } from '../../terminal/choice.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { Select } from '../../ui/select.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';

const TerminalView = dynamic(() => import('../../terminal/terminal-view.tsx').then((loaded) => loaded.TerminalView), {
  ssr: false,
  loading: () => <Skeleton className="h-122" />,
});

export interface TerminalTabProps {
  readonly group: SeenGroup;
  readonly view: Parameters<typeof terminalsOf>[0];
  /** The one in the address. */
  readonly id: string | null;
  readonly onId: (id: string) => void;
}

export function TerminalTab({ group, view, id, onId }: TerminalTabProps) {
  const terminals = terminalsOf(view);
  // Chosen once, and then by the user: the end of another program changes nothing.
  const [first] = useState(() => (terminals.find(({ isRunning }) => isRunning) ?? terminals[0])?.id);
  const chosen = id ?? first;
  const at = terminals.find((terminal) => terminal.id === chosen) ?? terminals[0];
  if (!at) return <EmptyState title="No terminal">Nothing was launched here with a terminal of its own.</EmptyState>;
  return (
    <div>
      {terminals.length > 1 && (
        <div className="pb-2">
          <Select
            label="Which terminal"
            value={at.id}
            onChange={onId}
            options={terminals.map((terminal) => ({ value: terminal.id, label: terminal.label }))}
            className="max-w-full min-w-64"
          />
        </div>
      )}
      <Run key={at.run} group={group} terminal={at} />
    </div>
  );
}

function Run({ group, terminal }: { readonly group: SeenGroup; readonly terminal: TerminalChoice }) {
  // A terminal that was watched until its end keeps its last screen.
  const [wasRunning] = useState(terminal.isRunning);
  if (wasRunning) return <TerminalView group={group} id={terminal.id} />;
  return <EmptyState title="This program has ended">Its terminal is closed; its output is in the Output tab.</EmptyState>;
}
