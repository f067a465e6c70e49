// The largest processes of a held group, each of which can be killed or moved to another group.
'use client';
import { ArrowRightFromLine, Skull } from 'lucide-react';
import { useState } from 'react';
import type { HoldFacts } from '../../server/contract/guards.ts';
import { formatBytes } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { useGroupPaths } from '../live/hooks.ts';
import { IconButton } from '../ui/button.tsx';
import { Dialog, DialogForm } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { Figure } from '../ui/figure.tsx';
import { type Foretold, foretellKill, foretellMove } from './foretell.ts';
import { foretelling } from './hold-choices.tsx';

type Process = HoldFacts['processes'][number];

export interface HeldProcessesProps {
  readonly group: string;
  readonly facts: HoldFacts;
  readonly pending: boolean;
  readonly reason: string | undefined;
  readonly onKill: (pid: number) => void;
  readonly onMove: (pid: number, to: string) => void;
  readonly foretell: (what: Foretold | undefined) => void;
}

export function HeldProcesses({ group, facts, pending, reason, onKill, onMove, foretell }: HeldProcessesProps) {
  const [moving, setMoving] = useState<Process>();
  const { processes, processCount } = facts;
  return (
    <div>
      <ul className="text-sm">
        {processes.map((process) => (
          <li key={process.pid} className="flex h-7 items-center gap-2">
            <span className="min-w-0 flex-1 truncate font-mono text-xs" title={visible(process.command)}>
              {visible(process.command === '' ? process.comm : process.command)}
            </span>
            <span className="text-xs text-quiet">{process.pid}</span>
            <Figure quantity={formatBytes(process.rssBytes)} />
            <span className="flex">
              <IconButton
                {...foretelling(foretell, foretellMove(group))}
                icon={ArrowRightFromLine}
                size="sm"
                label={`Move ${visible(process.comm)}, pid ${process.pid}…`}
                reason={reason}
                pending={pending}
                onClick={() => setMoving(process)}
              />
              <IconButton
                {...foretelling(foretell, foretellKill(process))}
                icon={Skull}
                size="sm"
                label={`Kill ${visible(process.comm)}, pid ${process.pid}…`}
                reason={reason}
                pending={pending}
                onClick={() => onKill(process.pid)}
              />
            </span>
          </li>
        ))}
      </ul>
      {processCount > processes.length && <p className="text-xs text-quiet">The largest of {processCount}.</p>}
      {moving && (
        <MoveDialog
          group={group}
          process={moving}
          onClose={() => setMoving(undefined)}
          onMove={(to) => {
            setMoving(undefined);
            onMove(moving.pid, to);
          }}
        />
      )}
    </div>
  );
}

interface MoveDialogProps {
  readonly group: string;
  readonly process: Process;
  readonly onClose: () => void;
  readonly onMove: (to: string) => void;
}

function MoveDialog({ group, process, onClose, onMove }: MoveDialogProps) {
  const [to, setTo] = useState('');
  const paths = useGroupPaths();
  const reason = paths.includes(to) ? (to === group ? 'It is in this group.' : undefined) : 'There is no such group.';
  return (
    <Dialog open onClose={onClose} title={`Move ${visible(process.comm)}, pid ${process.pid}`} description={foretellMove(group).sentence}>
      <DialogForm onClose={onClose} onSubmit={() => onMove(to)} submit="Move" reason={reason}>
        <TextField
          label="To the group"
          value={to}
          onChange={setTo}
          mono
          list="guard-move-groups"
          help="The path of a group, such as /cgdeck/other."
        />
        <datalist id="guard-move-groups">
          {paths.map((path) => (
            <option key={path} value={path} />
          ))}
        </datalist>
      </DialogForm>
    </Dialog>
  );
}
