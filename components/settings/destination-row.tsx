// One destination: where to and what, with a switch, and a try whose answer is shown below.
'use client';
import { Pencil, Send, Trash2 } from 'lucide-react';
import type { Delivery, ShownDestination } from '../../server/contract/notices.ts';
import { useAction } from '../frame/use-action.ts';
import { api } from '../live/api.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { Switch } from '../ui/switch.tsx';
import { stateText, whenText, whereText } from './words.ts';

export interface DestinationRowProps {
  readonly destination: ShownDestination;
  readonly saving: boolean;
  /** Why it cannot be changed. */
  readonly reason: string | undefined;
  readonly onEnable: (enabled: boolean) => void;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
  readonly onTried: () => void;
}

export function DestinationRow({ destination, saving, reason, onEnable, onEdit, onRemove, onTried }: DestinationRowProps) {
  const { id, name, enabled } = destination;
  const tried = useAction<Delivery>();
  const send = async () => {
    await tried.run(() => api.tryNotice({ id }));
    onTried();
  };
  return (
    <li aria-label={name} className="flex flex-wrap items-start gap-x-3 gap-y-2 px-4 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <Switch
          label={<span className="break-words">{name}</span>}
          help={
            <>
              <span className="block break-words">{whereText(destination)}</span>
              <span className="block break-words">{whenText(destination)}</span>
            </>
          }
          checked={enabled}
          disabled={saving || reason !== undefined}
          onChange={onEnable}
        />
        <p role="status" className="pl-10 text-sm">
          {tried.answer && (
            <span className={cx('break-words', tried.answer.state !== 'delivered' && 'text-hard')}>
              {stateText(tried.answer)}: {tried.answer.answer}
            </span>
          )}
          {tried.problem && <span className="text-hard">{tried.problem.detail}</span>}
        </p>
      </div>
      <div className="flex items-center gap-1 max-sm:pl-10">
        <Button icon={Send} pending={tried.pending} reason={reason} onClick={() => void send()} aria-label={`Try ${name}`}>
          Try
        </Button>
        <IconButton icon={Pencil} label={`Change ${name}`} pending={saving} reason={reason} onClick={onEdit} />
        <IconButton icon={Trash2} label={`Remove ${name}`} pending={saving} reason={reason} onClick={onRemove} />
      </div>
    </li>
  );
}
