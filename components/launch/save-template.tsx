// Saves the form as a template, to be launched from again.
'use client';
import { Save } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { KeptName, type LaunchRequest } from '../../server/contract/launch.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { api, problemOf } from '../live/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { notify } from '../ui/toast.tsx';

export interface SaveTemplateProps {
  readonly request: LaunchRequest;
  readonly suggested: string;
  readonly names: readonly string[];
  /** Why it cannot be saved. */
  readonly reason: string | undefined;
  readonly onSaved: (name: string) => void;
}

export function SaveTemplate(props: SaveTemplateProps) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <>
      <Button reason={props.reason} onClick={() => setOpen(true)}>
        <Save aria-hidden />
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

function SaveForm({ request, suggested, names, onSaved, onClose }: SaveTemplateProps & { readonly onClose: () => void }) {
  const [name, setName] = useState(suggested);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const fault = KeptName.safeParse(name).success
    ? undefined
    : 'Letters, digits, dots, dashes and underscores, 64 at most; a letter or digit first.';
  const replaces = names.includes(name);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    // React bubbles this submit to the form that the dialog was opened from.
    event.stopPropagation();
    if (fault !== undefined || pending) return;
    setPending(true);
    try {
      await api.saveTemplate({ name, request });
      notify({ title: `Saved as ${name}` });
      onSaved(name);
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
      setPending(false);
    }
  };
  return (
    <form noValidate onSubmit={(event) => void save(event)} className="flex flex-col gap-4">
      <TextField
        label="Name of the template"
        mono
        autoFocus
        autoComplete="off"
        spellCheck={false}
        value={name}
        fault={problem?.detail ?? (name === '' ? undefined : fault)}
        help={replaces ? `The template ${name} exists and will be replaced.` : ' '}
        onChange={(next) => {
          setName(next);
          setProblem(undefined);
        }}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} reason={fault}>
          {replaces ? 'Replace' : 'Save'}
        </Button>
      </div>
    </form>
  );
}
