// Actions on a whole group: freeze or thaw, kill, remove. Where they are off, they have a reason.
'use client';
import { Play, Skull, Snowflake, Trash2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { isWithin, parentPath } from '../../../server/contract/paths.ts';
import { countText, durationText } from '../../../server/contract/units.ts';
import { groupHref } from '../../frame/links.ts';
import { stayingHere } from '../../frame/same-place.ts';
import { useBusy } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import { type GroupLive, useGroupPaths, useReadingsOf, useVersionOf } from '../../live/hooks.ts';
import { aboutGroups } from '../../live/seen.ts';
import { Button } from '../../ui/button.tsx';
import { useQuestion } from '../../ui/question.tsx';
import { notify } from '../../ui/toast.tsx';

export interface GroupActionsProps {
  readonly live: GroupLive;
  readonly reason: string | undefined;
}

export const processesText = (count: number) => countText(count, 'process', 'processes');

/** What happens to frozen processes that are killed. */
function frozenWords(freezer: 1 | 2): string {
  return freezer === 1 ? ' The group is frozen: they end once it is thawed.' : ' The group is frozen: they end all the same.';
}

/** Processes in the group and below it, and the number of groups below. */
function useBelow(path: string): { readonly processes: number; readonly groups: number } {
  const paths = useGroupPaths();
  const readingsOf = useReadingsOf();
  const within = paths.filter((other) => isWithin(other, path));
  const processes = within.reduce((sum, other) => sum + Number(readingsOf(other)?.['cgroup.procs'] ?? 0), 0);
  return { processes, groups: within.length - 1 };
}

export function GroupActions({ live, reason }: GroupActionsProps) {
  const { path, inode } = live.entry;
  const about = aboutGroups([live.entry]);
  const [doing, busy] = useBusy<'freeze' | 'kill' | 'remove'>();
  const router = useRouter();
  const ask = useQuestion();
  const below = useBelow(path);
  const freezer = useVersionOf(live.entry)('freezer');
  const freeze = (): Promise<void> =>
    busy('freeze', async () => {
      const { state, tookMs } = await api.freeze({ group: path, inode });
      notify({
        ...(state === 'frozen'
          ? { title: `${path} is frozen, in ${durationText(tookMs)}` }
          : { title: `${path} is still freezing`, detail: 'A task waits in the kernel, perhaps for memory: it freezes once it wakes.' }),
        undo: () => void thaw(),
      });
    });
  const thaw = (): Promise<void> =>
    busy('freeze', async () => {
      const { state, tookMs } = await api.thaw({ group: path, inode });
      notify(
        state === 'thawed'
          ? { title: `${path} is thawed, after ${durationText(tookMs)}` }
          : { title: `${path} is still ${state}`, detail: 'An ancestor is frozen: thaw that one.' },
      );
    });
  const kill = async () => {
    const sure = await ask({
      title: `Kill ${processesText(below.processes)} in ${path}?`,
      body: `SIGKILL goes to every process in this group${below.groups > 0 ? ` and the ${below.groups} below it` : ''}. What they had not saved is lost.${live.state === 'thawed' ? '' : frozenWords(freezer)}`,
      confirm: `Kill ${processesText(below.processes)}`,
      about,
    });
    if (!sure) return;
    await busy('kill', async () => {
      const { killed } = await api.kill({ group: path, inode });
      notify({ title: `SIGKILL sent to ${processesText(killed.length)} of ${path}` });
    });
  };
  const remove = async () => {
    const holds = below.processes > 0;
    const withBelow = below.groups > 0 ? ` and the ${below.groups === 1 ? 'group' : `${below.groups} groups`} below it` : '';
    const sure = await ask({
      title: holds ? `Kill ${processesText(below.processes)} and remove ${path}${withBelow}?` : `Remove ${path}${withBelow}?`,
      body: holds
        ? `SIGKILL goes to every process in it, then the group${withBelow} is removed from every hierarchy, with its limits. This cannot be undone.`
        : `The group${withBelow} is removed from every hierarchy, with its limits. There is no process in it.`,
      confirm: holds ? 'Kill and remove' : 'Remove',
      about,
    });
    if (!sure) return;
    const isHere = stayingHere();
    await busy('remove', async () => {
      await api.removeGroup({ path, inode, kill: holds || below.groups > 0 });
      notify({ title: `${path} is removed` });
      const up = parentPath(path);
      if (isHere()) router.push(up === '/' ? '/' : groupHref(up));
    });
  };

  const empty = below.processes === 0 ? 'No process is in this group or below it.' : undefined;
  const root = path === '/' ? 'The root group is the whole machine.' : undefined;
  const off = reason ?? root;
  const still = live.state !== 'thawed';
  return (
    <>
      <Button once onClick={() => void (still ? thaw() : freeze())} pending={doing === 'freeze'} reason={off}>
        {still ? <Play aria-hidden className="text-frozen" /> : <Snowflake aria-hidden className="text-frozen" />}
        {still ? 'Thaw' : 'Freeze'}
      </Button>
      <Button icon={Skull} once onClick={() => void kill()} pending={doing === 'kill'} reason={off ?? empty}>
        Kill…
      </Button>
      <Button icon={Trash2} once onClick={() => void remove()} pending={doing === 'remove'} reason={off}>
        Remove…
      </Button>
    </>
  );
}
