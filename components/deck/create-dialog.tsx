// The form for a new group: where, under which name, and its first limits.
'use client';
import { useState } from 'react';
import type { Host } from '../../server/contract/answers.ts';
import { joinPath, newPathFault } from '../../server/contract/paths.ts';
import { parseSize, SIZE_HELP } from '../../server/contract/units.ts';
import { useAction } from '../frame/use-action.ts';
import { api, problemOf } from '../live/api.ts';
import { useHost, useMachineVersion } from '../live/hooks.ts';
import type { SeenGroup } from '../live/seen.ts';
import { Dialog, DialogForm } from '../ui/dialog.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { TextField } from '../ui/field.tsx';
import { notify, notifyProblem } from '../ui/toast.tsx';
import { createRequest, doneAlong, leafFault, leafPath, wantsLeaf } from './new-group.ts';

export interface CreateDialogProps {
  /** The group that the new one goes into; undefined for the managed root. */
  readonly parent?: string | undefined;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onCreated: (path: string) => void;
}

function sizeFault(text: string): string | undefined {
  return text === '' || parseSize(text) !== undefined ? undefined : `Enter a size ${SIZE_HELP}.`;
}

/** Undoes a creation; refused if the group has been filled meanwhile. */
async function takeBack({ path, inode }: SeenGroup): Promise<void> {
  try {
    await api.removeGroup({ path, inode });
    notify({ title: `Removed ${path}` });
  } catch (error) {
    notifyProblem(problemOf(error));
  }
}

interface CreateFormProps extends Omit<CreateDialogProps, 'open'> {
  readonly host: Pick<Host, 'managedRoot'>;
}

function CreateForm({ parent, host: { managedRoot }, onClose, onCreated }: CreateFormProps) {
  const [path, setPath] = useState(joinPath(parent ?? managedRoot, ''));
  const [hard, setHard] = useState('');
  const [soft, setSoft] = useState('');
  const [tasks, setTasks] = useState('');
  const [leaf, setLeaf] = useState('main');
  const [tried, setTried] = useState(false);
  const { pending, problem, run, clear } = useAction();
  const memory = useMachineVersion('memory');
  const full = problem && wantsLeaf(problem, path);
  const faults = {
    path: path.endsWith('/') ? 'Give the new group a name.' : newPathFault(path),
    hard: sizeFault(hard),
    soft: sizeFault(soft),
    tasks: tasks === '' || /^\d+$/.test(tasks) ? undefined : 'Enter a whole number.',
    leaf: full === undefined ? undefined : leafFault(path, leaf),
  };
  const submit = () => {
    setTried(true);
    if (Object.values(faults).some((fault) => fault !== undefined)) return;
    clear();
    void run(async () => {
      const made = await api.createGroup(createRequest({ path, hard, soft, tasks, leaf: full === undefined ? undefined : leaf }, memory));
      const along = doneAlong(made);
      notify({ title: `Created ${made.path}`, ...(along === '' ? {} : { detail: along }), undo: () => void takeBack(made) });
      onCreated(made.path);
      onClose();
    });
  };
  const shown = (fault: string | undefined) => (tried ? fault : undefined);
  return (
    <DialogForm onClose={onClose} onSubmit={submit} submit={full === undefined ? 'Create' : 'Move them and create'} pending={pending}>
      {problem && <ErrorState problem={problem} />}
      <TextField
        label="Path"
        mono
        value={path}
        onChange={(next) => {
          setPath(next);
          clear();
        }}
        fault={shown(faults.path)}
        help={`A path under ${managedRoot}.`}
        autoFocus
      />
      <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
        {(
          [
            ['Hard limit', hard, setHard, faults.hard, 'Such as 256M'],
            ['Soft limit', soft, setSoft, faults.soft, 'Such as 128M'],
            ['Most tasks', tasks, setTasks, faults.tasks, 'Such as 64'],
          ] as const
        ).map(([label, value, onChange, fault, help]) => (
          <TextField
            key={label}
            label={label}
            mono
            value={value}
            onChange={onChange}
            fault={shown(fault)}
            placeholder="no limit"
            help={help}
          />
        ))}
      </div>
      {full !== undefined && (
        <TextField
          label="Leaf"
          mono
          value={leaf}
          onChange={setLeaf}
          fault={faults.leaf}
          help={`The processes of ${full} are moved into ${leafPath(path, leaf)} first.`}
        />
      )}
    </DialogForm>
  );
}

export function CreateDialog({ open, onClose, ...rest }: CreateDialogProps) {
  const host = useHost();
  return (
    <Dialog open={open} onClose={onClose} title="New group" description="An empty group, with limits if you like.">
      {host && <CreateForm {...rest} host={host} onClose={onClose} />}
    </Dialog>
  );
}
