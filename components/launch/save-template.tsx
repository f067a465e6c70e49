// Saves the form as a template, to be launched from again.
'use client';
import { Save } from 'lucide-react';
import { useState } from 'react';
import type { LaunchRequest, SavedTemplate } from '../../server/contract/launch.ts';
import { KEPT_NAME } from '../../server/contract/launch-options.ts';
import { useAction } from '../frame/use-action.ts';
import { api } from '../live/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogForm } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { useQuestion } from '../ui/question.tsx';
import { notify } from '../ui/toast.tsx';
import { changeTemplate } from './change-template.ts';

export interface SaveTemplateProps {
  readonly request: LaunchRequest;
  readonly suggested: string;
  readonly templates: readonly Pick<SavedTemplate, 'name' | 'savedAt'>[];
  /** What the form was filled from, which may be older than what is saved by now. */
  readonly loaded: { readonly template: string; readonly savedAt: number } | undefined;
  /** Why it cannot be saved. */
  readonly reason: string | undefined;
  readonly onSaved: (template: SavedTemplate) => void;
}

export function SaveTemplate(props: SaveTemplateProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button icon={Save} reason={props.reason} onClick={() => setOpen(true)}>
        Save as template
      </Button>
      <Dialog
        open={open}
        onClose={close}
        title="Save as template"
        description="The whole request, its environment included, as a file in the state folder that can be kept in git."
      >
        <SaveForm {...props} onClose={close} />
      </Dialog>
    </>
  );
}

function SaveForm({ request, suggested, templates, loaded, onSaved, onClose }: SaveTemplateProps & { readonly onClose: () => void }) {
  const [name, setName] = useState(suggested);
  const { pending, problem, run, clear } = useAction();
  const ask = useQuestion();
  const fault = KEPT_NAME.test(name) ? undefined : 'Letters, digits, dots, dashes and underscores, 64 at most; a letter or digit first.';
  const before = loaded?.template === name ? loaded : templates.find((one) => one.name === name);
  const save = () =>
    run(async () => {
      const saved = await changeTemplate(
        { name, seenAt: before?.savedAt ?? 0, verb: 'Save', write: (replaces) => api.saveTemplate({ name, request, replaces }) },
        ask,
      );
      if (!saved) return;
      notify({ title: `Saved as ${name}` });
      onSaved(saved);
      onClose();
    });
  return (
    <DialogForm onClose={onClose} onSubmit={() => void save()} submit={before ? 'Replace' : 'Save'} pending={pending} reason={fault}>
      <TextField
        label="Name of the template"
        mono
        autoFocus
        value={name}
        fault={problem?.detail ?? (name === '' ? undefined : fault)}
        help={before ? `The template ${name} exists and will be replaced.` : ' '}
        onChange={(next) => {
          setName(next);
          clear();
        }}
      />
    </DialogForm>
  );
}
