// Saved requests: choose one to fill the form, or remove it after a question.
'use client';
import { FileText, X } from 'lucide-react';
import type { SavedTemplate } from '../../server/contract/launch.ts';
import { useBusy } from '../frame/use-action.ts';
import type { Answer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { Button, IconButton } from '../ui/button.tsx';
import { useQuestion } from '../ui/question.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { notify } from '../ui/toast.tsx';
import { changeTemplate } from './change-template.ts';

export type SavedTemplates = Answer<{ readonly templates: ReadonlyArray<{ readonly name: string; readonly savedAt: number }> }>;

export interface TemplatesProps {
  readonly saved: SavedTemplates;
  readonly chosen: string | undefined;
  readonly onChoose: (template: SavedTemplate) => void;
}

export function Templates({ saved: { data, error, again }, chosen, onChoose }: TemplatesProps) {
  return (
    <fieldset aria-label="Templates" className="flex min-h-8 min-w-0 flex-wrap items-center gap-2">
      <span aria-hidden className="text-sm font-medium">
        Templates
      </span>
      {data?.templates.map(({ name, savedAt }) => (
        <Template key={name} name={name} savedAt={savedAt} on={name === chosen} onChoose={onChoose} onRemoved={again} />
      ))}
      {!data && !error && <Skeleton className="h-7 w-32" />}
      {error && !data && <span className="text-sm text-hard">{error.detail}</span>}
      {data?.templates.length === 0 && (
        <span className="text-sm text-quiet">No templates yet. “Save as template” saves the form below.</span>
      )}
    </fieldset>
  );
}

interface TemplateProps {
  readonly name: string;
  /** As it is shown. */
  readonly savedAt: number;
  readonly on: boolean;
  readonly onChoose: (template: SavedTemplate) => void;
  readonly onRemoved: () => void;
}

function Template({ name, savedAt, on, onChoose, onRemoved }: TemplateProps) {
  const ask = useQuestion();
  const why = useWhyNotAct();
  const [pending, busy] = useBusy();
  const remove = async () => {
    const sure = await ask({
      title: `Remove the template ${name}?`,
      body: 'Its file is deleted. Programs launched from it still run.',
      confirm: 'Remove',
    });
    if (!sure) return;
    await busy(true, async () => {
      const removed = await changeTemplate(
        { name, seenAt: savedAt, verb: 'Remove', write: (replaces) => api.removeTemplate({ name, replaces }) },
        ask,
      );
      if (removed) notify({ title: `The template ${name} is removed` });
      onRemoved();
    });
  };
  return (
    <span className="inline-flex items-center">
      <Button
        icon={FileText}
        aria-pressed={on}
        pending={pending}
        reason={why}
        className={on ? 'rounded-r-none border-text!' : 'rounded-r-none'}
        onClick={() => void busy(true, async () => onChoose(await api.template({ name })))}
      >
        <span className="max-w-52 truncate font-mono text-sm font-normal">{name}</span>
      </Button>
      <IconButton
        icon={X}
        variant="plain"
        label={`Remove the template ${name}`}
        reason={why}
        className="-ml-px w-7! rounded-l-none text-quiet"
        onClick={() => void remove()}
      />
    </span>
  );
}
