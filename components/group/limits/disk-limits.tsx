// Limits on what the group reads from and writes to each disk (v2’s io.max): those that are set, and a form for one more.
'use client';
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { durationText } from '../../../server/contract/units.ts';
import { useAction } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { Select } from '../../ui/select.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { useWhyAbsent } from '../absent.ts';
import { useAnswer } from '../use-answer.ts';
import { ValueInput } from '../value-input.tsx';
import { type DiskLimitKind, diskLimitKinds, diskLimits, diskLimitWords, disksOf, parseDiskLimit, perSecText } from './disk-limit.ts';
import { FieldHead } from './field-head.tsx';

const FILE = 'io.max';

export function DiskLimits({ live, reason }: { readonly live: GroupLive; readonly reason: string | undefined }) {
  const id = useId();
  const { path, inode } = live.entry;
  const absent = useWhyAbsent(live.entry, FILE, 2);
  const { data } = useAnswer('io.stat of the machine', () => api.readFile({ path: '/', file: 'io.stat' }));
  const disks = disksOf(data?.raw ?? '');
  const [chosen, setDisk] = useState<string>();
  const [kind, setKind] = useState<DiskLimitKind>('wbps');
  const [draft, setDraft] = useState('');
  const { pending, answer, problem, run } = useAction<string>();
  const set = diskLimits(live.readings);
  const disk = chosen ?? disks[0];
  const off = reason ?? absent ?? (disk === undefined ? 'No disk I/O is counted here yet.' : undefined);
  const parsed = disk === undefined || draft.trim() === '' ? undefined : parseDiskLimit(disk, kind, draft);
  const fault = parsed && 'fault' in parsed ? parsed.fault : undefined;
  const write = (value: string) => {
    if (pending || off !== undefined) return;
    void run(async () => {
      const { tookMs } = await api.writeFile({ path, inode, file: FILE, value });
      setDraft('');
      return `Set ${value} in ${durationText(tookMs)}.`;
    });
  };
  const enter = () => {
    if (parsed && 'value' in parsed) write(parsed.value);
  };
  return (
    <div className="col-span-2 min-w-0">
      <FieldHead file={FILE}>
        <span id={id}>Disk limits</span>
      </FieldHead>
      <fieldset aria-labelledby={id} className="mt-1 flex min-w-0 flex-wrap items-center gap-2">
        <Select label="Disk" value={disk ?? ''} onChange={setDisk} options={disks.map((one) => ({ value: one, label: one }))} />
        <Select
          label="Limit"
          value={kind}
          onChange={setKind}
          options={diskLimitKinds.map((one) => ({ value: one, label: diskLimitWords[one].label }))}
        />
        <span className="flex gap-2 max-sm:w-full">
          <ValueInput
            aria-label="Maximum per second"
            className="w-[128px] max-sm:flex-1"
            value={draft}
            placeholder="no limit"
            unit={diskLimitWords[kind].unit}
            faulty={fault !== undefined}
            pending={pending}
            reason={off}
            onChange={setDraft}
            onEnter={enter}
            onLeave={() => setDraft('')}
            onBlur={() => {}}
          />
          <Button
            reason={off ?? fault ?? (parsed === undefined ? 'Enter a value first, such as 10M.' : undefined)}
            pending={pending}
            onClick={enter}
          >
            Limit
          </Button>
        </span>
        {set.map((limit) => (
          <span
            key={`${limit.disk} ${limit.kind}`}
            className="inline-flex h-[26px] items-center gap-1.5 rounded-md border border-line bg-surface pl-2 text-sm whitespace-nowrap"
          >
            <code className="font-mono text-xs text-quiet">{limit.disk}</code>
            <span className="text-quiet">{diskLimitWords[limit.kind].label.toLowerCase()}</span>
            <span>{perSecText(limit)}</span>
            <IconButton
              icon={X}
              size="sm"
              label={`Remove the limit on ${limit.disk} ${limit.kind}`}
              reason={off}
              onClick={() => write(`${limit.disk} ${limit.kind}=max`)}
            />
          </span>
        ))}
      </fieldset>
      <Answered
        of={fault ?? problem ?? answer}
        className={cx('mt-1 min-h-4 text-xs', problem || (fault !== undefined && answer === undefined) ? 'text-hard' : 'text-quiet')}
      >
        {fault ?? (problem ? `■ ${problem.detail}` : (answer ?? hintOf(set.length, absent)))}
      </Answered>
    </div>
  );
}

function hintOf(count: number, absent: string | undefined): string {
  if (absent !== undefined) return absent;
  return count === 0 ? 'No disk is limited. A limit also slows buffered writes.' : 'Buffered writes are slowed too.';
}
