// The layer that takes writes: a new one, or a kept one; kept ones can be deleted here, after a question.
'use client';
import { Trash2 } from 'lucide-react';
import type { KeptLayer } from '../../server/contract/launched.ts';
import { bytesText, countText } from '../../server/contract/units.ts';
import { useBusy } from '../frame/use-action.ts';
import { useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { IconButton } from '../ui/button.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Fault } from '../ui/field.tsx';
import { useQuestion } from '../ui/question.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import type { PartProps } from './part.tsx';

export function LayerChoice({ form: { layer }, faults, onChange }: PartProps) {
  const { data, error, again } = useAnswer('layers', () => api.layers());
  if (error && !data) return <ErrorState problem={error} bare />;
  const choose = (name: string) => onChange({ layer: name });
  const gone = data && layer !== '' && !data.layers.some(({ name }) => name === layer);
  return (
    <fieldset className="min-w-0">
      <legend className="pb-1.5 text-sm font-medium">Layer</legend>
      <ul className="divide-y divide-line rounded-md border border-line bg-surface">
        <Row
          name=""
          label="A new one"
          help="Removed with the group, unless it is kept after the end."
          chosen={layer === ''}
          onChoose={choose}
        />
        {!data && <Skeleton className="m-2 h-6" />}
        {data?.layers.map((kept) => (
          <Kept
            key={kept.name}
            kept={kept}
            chosen={kept.name === layer}
            onChoose={choose}
            onDropped={() => {
              if (kept.name === layer) choose('');
              again();
            }}
          />
        ))}
        {gone && <Row name={layer} label={layer} help="This layer no longer exists." chosen onChoose={choose} />}
      </ul>
      <Fault className="mt-1">{faults.layer}</Fault>
    </fieldset>
  );
}

interface RowProps {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly chosen: boolean;
  readonly onChoose: (layer: string) => void;
}

function Row({ name, label, help, chosen, onChoose, children }: RowProps & { readonly children?: React.ReactNode }) {
  return (
    <li className="flex min-h-9 items-center gap-2 pr-1 pl-3">
      <label className="flex min-w-0 flex-1 items-baseline gap-2.5 py-1.5">
        <input
          type="radio"
          name="layer"
          checked={chosen}
          onChange={() => onChoose(name)}
          className="size-3.5 shrink-0 translate-y-0.5 appearance-none rounded-full border border-line-strong checked:border-[4.5px] checked:border-text"
        />
        <span className={name === '' ? 'shrink-0 font-medium' : 'shrink-0 font-mono text-sm font-medium'}>{label}</span>
        <span className="min-w-0 truncate text-sm text-quiet" title={help}>
          {help}
        </span>
      </label>
      {children}
    </li>
  );
}

interface KeptProps {
  readonly kept: KeptLayer;
  readonly chosen: boolean;
  readonly onChoose: (layer: string) => void;
  readonly onDropped: () => void;
}

function Kept({ kept: { name, count, bytes, usedBy }, chosen, onChoose, onDropped }: KeptProps) {
  const ask = useQuestion();
  const why = useWhyNotAct();
  const [dropping, busy] = useBusy();
  const held = `${countText(count, 'entry', 'entries')}, ${bytesText(bytes)}`;
  const drop = async () => {
    const sure = await ask({
      title: `Delete the layer ${name}?`,
      body: `Its contents (${held}) are deleted from disk. This cannot be undone.`,
      confirm: `Delete ${name}`,
    });
    if (!sure) return;
    await busy(true, async () => {
      await api.dropLayer({ name });
      notify({ title: `The layer ${name} is deleted` });
      onDropped();
    });
  };
  const used = usedBy.length === 0 ? undefined : `It is in use by ${usedBy.join(', ')}.`;
  return (
    <Row
      name={name}
      label={name}
      help={used === undefined ? held : `${held}; in use by ${usedBy.join(', ')}`}
      chosen={chosen}
      onChoose={onChoose}
    >
      <IconButton
        icon={Trash2}
        label={`Delete the layer ${name}`}
        size="sm"
        pending={dropping}
        reason={why ?? used}
        onClick={() => void drop()}
      />
    </Row>
  );
}
