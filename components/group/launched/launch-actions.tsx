// Actions on a launch: run a second program inside, stop it, launch it again as it was, or edit it first.
'use client';
import { PencilLine, RotateCcw, Square, SquareTerminal } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { GroupView } from '../../../server/contract/answers.ts';
import type { CallInput } from '../../../server/contract/calls.ts';
import { durationText, shortDuration } from '../../../server/contract/units.ts';
import { groupHref } from '../../frame/links.ts';
import { stayingHere } from '../../frame/same-place.ts';
import { useBusy } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import { useGroupPaths, useHost } from '../../live/hooks.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { later } from '../../ui/later.tsx';
import { notify } from '../../ui/toast.tsx';
import { processesText } from '../header/group-actions.tsx';
import { endWords, isOver } from './launch-words.ts';

const StopDialog = later(async () => (await import('./stop-dialog.tsx')).StopDialog, { isNeeded: ({ open }) => open });

const JoinDialog = later(async () => (await import('./join-dialog.tsx')).JoinDialog, { isNeeded: ({ open }) => open });

const DEFAULT_GRACE_MS = 10_000;

export interface LaunchActionsProps {
  readonly view: GroupView;
  readonly reason: string | undefined;
  /** A program has joined: shows its output. */
  readonly onJoined: (id: string, tty: boolean) => void;
  /** The launch has changed: what is known of it is read again. */
  readonly onChanged: () => void;
}

export function LaunchActions({ view, reason, onJoined, onChanged }: LaunchActionsProps) {
  const { path, launched } = view;
  const router = useRouter();
  const host = useHost();
  const taken = useGroupPaths();
  const [open, setOpen] = useState<'stop' | 'join'>();
  const [doing, busy] = useBusy<'stop' | 'again'>();
  if (!launched) {
    // Also where there is nothing to repeat, with the reason.
    return (
      <Button icon={RotateCcw} reason="This group was not launched by cgdeck.">
        Launch again
      </Button>
    );
  }
  const stop = (asked: CallInput<'stop'> & { readonly inode: number }) =>
    busy('stop', async () => {
      const { how, killed, tookMs, exit } = await api.stop(asked);
      const after = `After ${shortDuration(tookMs)}${exit ? `, ${endWords(exit)}` : ''}.`;
      const title = how === 'ended' ? `${path} has ended by itself` : `${processesText(killed.length)} of ${path} had to be killed`;
      notify({ title, detail: after });
      onChanged();
    });
  const again = () =>
    busy('again', async () => {
      const isHere = stayingHere();
      const { launchAgain } = await import('../../launch/again.ts');
      const { group, pid, launchMs } = await launchAgain(view, host?.managedRoot ?? '/cgdeck', taken);
      const link = isHere() ? undefined : { href: groupHref(group), label: 'Open' };
      notify({ title: `${group} runs, pid ${pid}`, detail: `Request to exec: ${durationText(launchMs)}.`, link });
      if (group === path) onChanged();
      else if (!link) router.push(groupHref(group));
    });
  const over = isOver(launched) ? 'It has ended.' : undefined;
  const gone = launched.exit ? 'It has ended.' : undefined;
  return (
    <>
      <Button icon={SquareTerminal} onClick={() => setOpen('join')} reason={reason ?? gone}>
        Run inside…
      </Button>
      <Button icon={Square} onClick={() => setOpen('stop')} pending={doing === 'stop'} reason={reason ?? over}>
        {doing === 'stop' ? 'Stopping…' : 'Stop…'}
      </Button>
      <Button icon={RotateCcw} once onClick={() => void again()} pending={doing === 'again'} reason={reason}>
        Launch again
      </Button>
      <LinkButton icon={PencilLine} href={`/launch?again=${encodeURIComponent(path)}`}>
        Edit and launch
      </LinkButton>
      <JoinDialog group={view} open={open === 'join'} onClose={() => setOpen(undefined)} onJoined={({ id }, tty) => onJoined(id, tty)} />
      <StopDialog
        group={view}
        graceMs={launched.request?.graceMs ?? DEFAULT_GRACE_MS}
        waiting={launched.exit !== undefined}
        open={open === 'stop'}
        onClose={() => setOpen(undefined)}
        onStop={(asked) => void stop(asked)}
      />
    </>
  );
}
