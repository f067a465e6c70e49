// The destinations of notices: each with a switch, a try and its answer; to add, change and remove.
'use client';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { NoticesView, ShownDestination } from '../../server/contract/notices.ts';
import { useBusy } from '../frame/use-action.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { Caution } from '../ui/caution.tsx';
import { useQuestion } from '../ui/question.tsx';
import { DestinationDialog } from './destination-dialog.tsx';
import { unchanged } from './destination-form.ts';
import { DestinationRow } from './destination-row.tsx';
import { type SavedDestination, saveDestination } from './save-destination.ts';

export interface DestinationsProps {
  readonly notices: NoticesView;
  readonly onChanged: () => void;
}

export function Destinations({ notices: { destinations, local, fault }, onChanged }: DestinationsProps) {
  const [edited, setEdited] = useState<ShownDestination | 'new'>();
  const [saving, busy] = useBusy<string>();
  const ask = useQuestion();
  const why = useWhyNotAct();
  const save = async (one: SavedDestination) => {
    const saved = await saveDestination(one, ask);
    onChanged();
    return saved;
  };
  const remove = async (seen: ShownDestination) => {
    const { id, name } = seen;
    const sure = await ask({
      title: `Remove ${name}?`,
      body: 'Its secrets are deleted. Nothing is sent to it any more.',
      confirm: 'Remove',
    });
    if (sure) await busy(id, () => save({ id, seen, next: undefined }));
  };
  return (
    <section aria-labelledby="notices" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h2 id="notices" className="font-semibold">
            Notices
          </h2>
          <p className="text-sm text-quiet">
            Events are sent to these, also when no page is open. A burst is one message; what fails is tried again for half an hour.
            {local ? '' : ' Nothing is sent to this machine itself: that needs a start with --notify-local.'}
          </p>
        </div>
        <Button icon={Plus} reason={why} onClick={() => setEdited('new')}>
          Add
        </Button>
      </div>
      {fault !== undefined && <Caution>{fault}</Caution>}
      {destinations.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong/40 px-4 py-6 text-center text-quiet">
          No destination yet. “Add” takes a webhook’s URL or a mail server.
        </p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-raised">
          {destinations.map((one) => (
            <DestinationRow
              key={one.id}
              destination={one}
              saving={saving === one.id}
              reason={why}
              onEnable={(enabled) => void busy(one.id, () => save({ id: one.id, seen: one, next: { ...unchanged(one), enabled } }))}
              onEdit={() => setEdited(one)}
              onRemove={() => void remove(one)}
              onTried={onChanged}
            />
          ))}
        </ul>
      )}
      <DestinationDialog edited={edited} onClose={() => setEdited(undefined)} onSave={save} />
    </section>
  );
}
