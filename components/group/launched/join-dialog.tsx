// Runs a second program in the namespaces and the group of a running launch.
'use client';
import { useState } from 'react';
import type { CallAnswer } from '../../../server/contract/calls.ts';
import { groupHref } from '../../frame/links.ts';
import { stayingHere } from '../../frame/same-place.ts';
import { useAction } from '../../frame/use-action.ts';
import { splitCommand } from '../../launch/argv.ts';
import { CommandField } from '../../launch/command-field.tsx';
import { api } from '../../live/api.ts';
import type { SeenGroup } from '../../live/seen.ts';
import { Dialog, DialogForm } from '../../ui/dialog.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Switch } from '../../ui/switch.tsx';
import { notify } from '../../ui/toast.tsx';
import { useEndedWith } from './use-ended.ts';

export interface JoinDialogProps {
  readonly group: SeenGroup;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onJoined: (answer: CallAnswer<'join'>, tty: boolean) => void;
}

export function JoinDialog(props: JoinDialogProps) {
  useEndedWith(props.group, props.open);
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title="Run inside"
      description={`A second program in the group and namespaces of ${props.group.path}, with the same files and no more privileges.`}
    >
      <JoinForm {...props} />
    </Dialog>
  );
}

function JoinForm({ group, onClose, onJoined }: JoinDialogProps) {
  const [command, setCommand] = useState('sh');
  const [tty, setTty] = useState(true);
  const { pending, problem, run, clear } = useAction();
  const { argv, open: quote } = splitCommand(command);
  const fault = quote === undefined ? (argv.length === 0 ? 'Enter a program and its arguments.' : undefined) : `${quote} is not closed.`;
  const atCommand = problem?.asked === 'exec' || problem?.asked === 'argv';
  const join = () => {
    clear();
    const isHere = stayingHere();
    void run(async () => {
      const answer = await api.join({ group: group.path, inode: group.inode, argv: [...argv], tty });
      if (isHere()) onJoined(answer, tty);
      else
        notify({
          title: `${argv[0]} runs inside ${group.path}, pid ${answer.pid}`,
          link: { href: `${groupHref(group.path, tty ? 'terminal' : 'output')}&id=${answer.id}`, label: 'Open' },
        });
      onClose();
    });
  };
  return (
    <DialogForm onClose={onClose} onSubmit={join} submit="Run" pending={pending} reason={fault}>
      {problem && !atCommand && <ErrorState problem={problem} />}
      <CommandField
        value={command}
        fault={atCommand ? problem.detail : command === '' ? undefined : fault}
        onChange={(next) => {
          setCommand(next);
          clear();
        }}
      />
      <Switch
        label="Terminal"
        help="To type into it. Without a terminal, stdout and stderr are kept separately."
        checked={tty}
        onChange={setTty}
      />
    </DialogForm>
  );
}
