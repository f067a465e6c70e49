// Stops a launch: what will happen, the grace time, and the result.
'use client';
import { useState } from 'react';
import type { CallInput } from '../../../server/contract/calls.ts';
import { MAX_GRACE_MS } from '../../../server/contract/launch-options.ts';
import { parseGrace } from '../../launch/requests.ts';
import type { SeenGroup } from '../../live/seen.ts';
import { Dialog, DialogForm } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { useEndedWith } from './use-ended.ts';

export interface StopDialogProps {
  readonly group: SeenGroup;
  /** The grace time of the request. */
  readonly graceMs: number;
  /** Waits for its next start: there is no process to end. */
  readonly waiting: boolean;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onStop: (stop: CallInput<'stop'> & { readonly inode: number }) => void;
}

export function StopDialog(props: StopDialogProps) {
  const { group, waiting, open, onClose } = props;
  useEndedWith(group, open);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title={`Stop ${group.path}?`}
      description={
        waiting
          ? 'It has ended and waits for its restart. It will not be started again. The group is not removed.'
          : 'SIGTERM goes to the launched program. What still runs in the group after the grace time gets SIGKILL. It will not be started again. The group is not removed.'
      }
    >
      <StopForm {...props} />
    </Dialog>
  );
}

function StopForm({ group, graceMs, waiting, onClose, onStop }: StopDialogProps) {
  const [grace, setGrace] = useState(String(graceMs / 1000));
  const ms = parseGrace(grace);
  const fault = ms === undefined || ms > MAX_GRACE_MS ? 'Seconds, from 0 to 600.' : undefined;
  const stop = () => {
    if (ms === undefined) return;
    onStop({ group: group.path, inode: group.inode, graceMs: ms });
    onClose();
  };
  return (
    <DialogForm onClose={onClose} onSubmit={stop} submit="Stop" danger reason={fault}>
      {!waiting && (
        <TextField
          label="Grace time, seconds"
          mono
          autoFocus
          inputMode="decimal"
          value={grace}
          fault={fault}
          help={ms === 0 ? 'SIGKILL follows at once: unsaved work is lost.' : ' '}
          onChange={setGrace}
          className="max-w-48"
        />
      )}
    </DialogForm>
  );
}
