// Runs a second program in the namespaces and the group of a running launch.
'use client';
import { type FormEvent, useState } from 'react';
import type { CallAnswer } from '../../../server/contract/calls.ts';
import type { Problem } from '../../../server/contract/problems.ts';
import { splitCommand } from '../../launch/argv.ts';
import { CommandField } from '../../launch/command-field.tsx';
import { api, problemOf } from '../../live/api.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorState } from '../../ui/error-state.tsx';
import { Switch } from '../../ui/switch.tsx';

export interface JoinDialogProps {
  readonly path: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onJoined: (answer: CallAnswer<'join'>, tty: boolean) => void;
}

export function JoinDialog(props: JoinDialogProps) {
  return (
    <Dialog
      open={props.open}
      onClose={props.onClose}
      title="Run inside"
      description={`A second program in the group and namespaces of ${props.path}, with the same files and no more privileges.`}
    >
      <JoinForm {...props} />
    </Dialog>
  );
}

function JoinForm({ path, onClose, onJoined }: JoinDialogProps) {
  const [command, setCommand] = useState('sh');
  const [tty, setTty] = useState(true);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const { argv, open: quote } = splitCommand(command);
  const fault = quote === undefined ? (argv.length === 0 ? 'Enter a program and its arguments.' : undefined) : `${quote} is not closed.`;
  const atCommand = problem?.asked === 'exec' || problem?.asked === 'argv';
  const join = async (event: FormEvent) => {
    event.preventDefault();
    if (fault !== undefined || pending) return;
    setPending(true);
    setProblem(undefined);
    try {
      onJoined(await api.join({ group: path, argv: [...argv], tty }), tty);
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
      setPending(false);
    }
  };
  return (
    <form noValidate onSubmit={(event) => void join(event)} className="flex flex-col gap-4">
      {problem && !atCommand && <ErrorState problem={problem} />}
      <CommandField
        value={command}
        fault={atCommand ? problem.detail : command === '' ? undefined : fault}
        onChange={(next) => {
          setCommand(next);
          setProblem(undefined);
        }}
      />
      <Switch
        label="Terminal"
        help="To type into it. Without a terminal, stdout and stderr are kept separately."
        checked={tty}
        onChange={setTty}
      />
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" pending={pending} reason={fault}>
          Run
        </Button>
      </div>
    </form>
  );
}
