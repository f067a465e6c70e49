// The form for a new group: where, under which name, and its first limits.
'use client';
import { type FormEvent, useState } from 'react';
import type { CallAnswer, Host } from '../../server/contract/calls.ts';
import { limitVersions } from '../../server/contract/limit-names.ts';
import { joinPath, nameFault, pathFault } from '../../server/contract/paths.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { keyOn, type Quantity } from '../../server/contract/quantities.ts';
import { parseSize } from '../../server/contract/units.ts';
import { api, problemOf } from '../live/api.ts';
import { useHost } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { TextField } from '../ui/field.tsx';
import { notify, notifyProblem } from '../ui/toast.tsx';

export interface CreateDialogProps {
  /** The group that the new one goes into; undefined for the managed root. */
  readonly parent: string | undefined;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onCreated: (path: string) => void;
}

function sizeFault(text: string): string | undefined {
  return text === '' || parseSize(text) !== undefined ? undefined : 'A size is a number with K, M or G behind it, such as 64M.';
}

/** The limit by the name that it has here; nothing where none was typed. */
function named(quantity: Quantity, version: 1 | 2, text: string): Record<string, string> {
  const file = keyOn(quantity, version);
  return text === '' || file === undefined ? {} : { [file]: text };
}

/** An empty group is removed as it was made; one that was filled meanwhile is refused, and says so. */
async function takeBack(path: string): Promise<void> {
  try {
    await api.remove(path);
    notify({ title: `Removed ${path}` });
  } catch (error) {
    notifyProblem(problemOf(error));
  }
}

interface CreateFormProps extends Omit<CreateDialogProps, 'open'> {
  readonly host: Pick<Host, 'hierarchies' | 'managedRoot'>;
}

/** v2 wants the processes of the group above in a leaf before that may hold groups. */
function wantsLeaf({ errno, file }: Problem): boolean {
  return errno === 'EBUSY' && file?.endsWith('/cgroup.subtree_control') === true;
}

/** What was written to groups above, which the person did not ask for. */
function alsoWords(also: CallAnswer<'createGroup'>['also']): string | undefined {
  return also?.map(({ group, asked }) => `${group} now hands down ${asked.replaceAll('+', '').replaceAll(' ', ', ')}.`).join(' ');
}

function CreateForm({ parent, host: { managedRoot, hierarchies }, onClose, onCreated }: CreateFormProps) {
  const on = limitVersions(hierarchies);
  const [path, setPath] = useState(`${joinPath(parent ?? managedRoot, '')}`);
  const [hard, setHard] = useState('');
  const [soft, setSoft] = useState('');
  const [tasks, setTasks] = useState('');
  const [leaf, setLeaf] = useState<string>();
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const faults = {
    path: path.endsWith('/') ? 'Give the new group a name.' : pathFault(path),
    hard: sizeFault(hard),
    soft: sizeFault(soft),
    tasks: tasks === '' || /^\d+$/.test(tasks) ? undefined : 'A whole number.',
    leaf: leaf === undefined ? undefined : nameFault(leaf),
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (pending || Object.values(faults).some((fault) => fault !== undefined)) return;
    setPending(true);
    setProblem(undefined);
    try {
      const limits = {
        ...named('memory-hard-limit', on.memory, hard),
        ...named('memory-soft-limit', on.memory, soft),
        ...named('tasks-limit', on.pids, tasks),
      };
      const made = await api.createGroup({
        path,
        ...(Object.keys(limits).length > 0 ? { limits } : {}),
        ...(leaf === undefined ? {} : { leaf }),
      });
      const detail = alsoWords(made.also);
      notify({ title: `Created ${made.path}`, ...(detail === undefined ? {} : { detail }), undo: () => void takeBack(made.path) });
      onCreated(made.path);
      onClose();
    } catch (error) {
      const refused = problemOf(error);
      setProblem(refused);
      if (wantsLeaf(refused)) setLeaf((last) => last ?? 'main');
    } finally {
      setPending(false);
    }
  };
  const shown = (fault: string | undefined) => (tried ? fault : undefined);
  return (
    <form noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      {problem && <ErrorState problem={problem} />}
      <TextField
        label="Path"
        mono
        value={path}
        onChange={setPath}
        fault={shown(faults.path)}
        help={`${hierarchies.length > 1 ? 'Made in every hierarchy. ' : ''}It has to lie under ${managedRoot}.`}
        autoFocus
        spellCheck={false}
        autoComplete="off"
      />
      {leaf !== undefined && (
        <TextField
          label="Leaf for the processes of the group above"
          mono
          value={leaf}
          onChange={setLeaf}
          fault={shown(faults.leaf)}
          help="A group beside the new one: they are moved into it first, as on v2 a group holds either processes or groups."
          spellCheck={false}
          autoComplete="off"
        />
      )}
      <div className="grid grid-cols-3 gap-3 max-sm:grid-cols-1">
        <TextField
          label="Hard limit"
          mono
          value={hard}
          onChange={setHard}
          fault={shown(faults.hard)}
          placeholder="no limit"
          help="Such as 256M"
          autoComplete="off"
        />
        <TextField
          label="Soft limit"
          mono
          value={soft}
          onChange={setSoft}
          fault={shown(faults.soft)}
          placeholder="no limit"
          help={on.memory === 2 ? 'Slowed down above it' : 'Such as 128M'}
          autoComplete="off"
        />
        <TextField
          label="Most tasks"
          mono
          value={tasks}
          onChange={setTasks}
          fault={shown(faults.tasks)}
          placeholder="no limit"
          help="Such as 64"
          inputMode="numeric"
          autoComplete="off"
        />
      </div>
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending}>
          Create
        </Button>
      </div>
    </form>
  );
}

export function CreateDialog({ open, onClose, ...rest }: CreateDialogProps) {
  const host = useHost();
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="New group"
      description="An empty group. Launch something into it, or move processes there."
    >
      {host && <CreateForm {...rest} host={host} onClose={onClose} />}
    </Dialog>
  );
}
