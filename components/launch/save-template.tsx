// Saves the form as a template, to be launched from again.
'use client';
import { Save } from 'lucide-react';
import { useState } from 'react';
import { KeptName, type LaunchRequest } from '../../server/contract/launch.ts';
import { useAction } from '../frame/use-action.ts';
import { api } from '../live/api.ts';
import { Button } from '../ui/button.tsx';
import { Dialog, DialogForm } from '../ui/dialog.tsx';
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

function SaveForm({ request, suggested, names, onSaved, onClose }: SaveTemplateProps & { readonly onClose: () => void }) {
  const [name, setName] = useState(suggested);
  const { pending, problem, run, clear } = useAction();
  const fault = KeptName.safeParse(name).success
    ? undefined
    : 'Letters, digits, dots, dashes and underscores, 64 at most; a letter or digit first.';
  const replaces = names.includes(name);
  const save = () =>
    run(async () => {
      await api.saveTemplate({ name, request });
      notify({ title: `Saved as ${name}` });
      onSaved(name);
      onClose();
    });
  return (
    <DialogForm onClose={onClose} onSubmit={() => void save()} submit={replaces ? 'Replace' : 'Save'} pending={pending} reason={fault}>
      <TextField
        label="Name of the template"
        mono
        autoFocus
        value={name}
        fault={problem?.detail ?? (name === '' ? undefined : fault)}
        help={replaces ? `The template ${name} exists and will be replaced.` : ' '}
        onChange={(next) => {
          setName(next);
          clear();
        }}
      />
    </DialogForm>
  );
}
