// The form of a destination: new, or changed with its secrets left as they are.
'use client';
import { useState } from 'react';
import { eventKinds } from '../../server/contract/event-kinds.ts';
import { kindWords } from '../../server/contract/event-words.ts';
import type { EventKind } from '../../server/contract/events.ts';
import type { ShownDestination } from '../../server/contract/notices.ts';
import { useAction } from '../frame/use-action.ts';
import { Chip } from '../ui/chip.tsx';
import { cx } from '../ui/classes.ts';
import { Dialog, DialogForm } from '../ui/dialog.tsx';
import { Fault, TextField } from '../ui/field.tsx';
import { Select } from '../ui/select.tsx';
import { MailFields, WebhookFields } from './destination-fields.tsx';
import { type DestinationForm, faultsOf, formOf, newForm, writtenOf } from './destination-form.ts';
import type { SavedDestination } from './save-destination.ts';
import { SEVERITIES, WAYS } from './words.ts';

export interface DestinationDialogProps {
  /** Undefined: it is closed. */
  readonly edited: ShownDestination | 'new' | undefined;
  readonly onClose: () => void;
  /** @returns whether it was saved */
  readonly onSave: (one: SavedDestination) => Promise<boolean>;
}

export function DestinationDialog({ edited, onClose, onSave }: DestinationDialogProps) {
  const before = edited === 'new' ? undefined : edited;
  return (
    <Dialog open={edited !== undefined} onClose={onClose} title={before ? `Change ${before.name}` : 'New destination'}>
      {edited !== undefined && <Form before={before} onClose={onClose} onSave={onSave} />}
    </Dialog>
  );
}

interface FormProps extends Pick<DestinationDialogProps, 'onClose' | 'onSave'> {
  readonly before: ShownDestination | undefined;
}

function Form({ before, onClose, onSave }: FormProps) {
  const [form, setForm] = useState<DestinationForm>(() => (before ? formOf(before) : newForm(`d${Date.now().toString(36)}`)));
  const [asked, setAsked] = useState(false);
  const { pending, problem, run } = useAction();
  const change = (more: Partial<DestinationForm>) => setForm((last) => ({ ...last, ...more }));
  const found = faultsOf(form, before);
  const faults = asked ? found : {};
  const submit = () => {
    setAsked(true);
    if (Object.keys(found).length > 0) return;
    void run(async () => {
      if (await onSave({ id: form.id, seen: before, next: writtenOf(form) })) onClose();
    });
  };
  const toggle = (kind: EventKind) => {
    const kinds = new Set(form.kinds);
    if (!kinds.delete(kind)) kinds.add(kind);
    change({ kinds });
  };
  const parts = { form, faults, before, onChange: change };
  return (
    <DialogForm onClose={onClose} onSubmit={submit} submit="Save" pending={pending}>
      <TextField label="Name" value={form.name} fault={faults.name} autoFocus maxLength={80} onChange={(name) => change({ name })} />
      <div className="flex flex-col gap-1">
        <span aria-hidden className="text-sm font-medium">
          How
        </span>
        <Select label="How" options={WAYS} value={form.way} onChange={(way) => change({ way })} />
      </div>
      {form.way === 'mail' ? <MailFields {...parts} /> : <WebhookFields {...parts} />}
      <div className="flex flex-col gap-1">
        <span aria-hidden className="text-sm font-medium">
          Severity
        </span>
        <Select label="Severity" options={SEVERITIES} value={form.severity} onChange={(severity) => change({ severity })} />
      </div>
      <TextField
        label="Groups"
        mono
        value={form.groups}
        fault={faults.groups}
        placeholder="all"
        help="Patterns such as /docker/** or /system.slice/*.service, separated by blanks; none: all groups."
        onChange={(groups) => change({ groups })}
      />
      <fieldset className="min-w-0">
        <legend className="pb-1 text-sm font-medium">Kinds of events</legend>
        <div className="flex flex-wrap gap-1">
          {eventKinds.map((kind) => (
            <Chip
              key={kind}
              help={kindWords[kind].help}
              on={form.kinds.has(kind)}
              onPress={() => toggle(kind)}
              className={cx('px-2', !form.kinds.has(kind) && 'border-line-strong/40 text-quiet')}
            >
              {kindWords[kind].name}
            </Chip>
          ))}
        </div>
        <p className="pt-1 text-xs text-quiet">None chosen: all kinds of that severity.</p>
      </fieldset>
      {problem && <Fault>{problem.detail}</Fault>}
    </DialogForm>
  );
}
