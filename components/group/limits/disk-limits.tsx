// Limits on what the group reads from and writes to each disk (v2’s io.max): those that are set, and a form for one more.
'use client';
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReadingValue } from '../../../server/contract/readings.ts';
import { durationText, MAX } from '../../../server/contract/units.ts';
import { useAction } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { Button, IconButton } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { useQuestion } from '../../ui/question.tsx';
import { Select } from '../../ui/select.tsx';
import { Answered } from '../../ui/spoken.tsx';
import { useWhyAbsent } from '../absent.ts';
import { useAnswer } from '../use-answer.ts';
import { ValueInput } from '../value-input.tsx';
import { writeAsking } from '../write-asking.ts';
import {
  type DiskLimitKind,
  diskLimitKey,
  diskLimitKinds,
  diskLimits,
  diskLimitText,
  diskLimitWords,
  disksOf,
  parsePerSec,
  perSecText,
} from './disk-limit.ts';
import { FieldHead } from './field-head.tsx';
import { useHeld } from './use-held.ts';

const FILE = 'io.max';

export function DiskLimits({ live, reason }: { readonly live: GroupLive; readonly reason: string | undefined }) {
  const id = useId();
  const ask = useQuestion();
  const held = useHeld(live.readings, live.atMs);
  const absent = useWhyAbsent(live.entry, FILE, 2);
  const { data } = useAnswer('io.stat of the machine', () => api.readFile({ path: '/', file: 'io.stat' }));
  const disks = disksOf(data?.raw ?? '');
  const [chosen, setDisk] = useState<string>();
  const [kind, setKind] = useState<DiskLimitKind>('wbps');
  const [draft, setDraft] = useState('');
  /** What was shown when the draft was begun. */
  const [over, setOver] = useState<(of: string, what: DiskLimitKind) => ReadingValue>();
  const { pending, answer, problem, run } = useAction<string | undefined>();
  const set = diskLimits(live.readings);
  const disk = chosen ?? disks[0];
  const off = reason ?? absent ?? (disk === undefined ? 'No disk I/O is counted here yet.' : undefined);
  const parsed = disk === undefined || draft.trim() === '' ? undefined : parsePerSec(draft);
  const fault = parsed && 'fault' in parsed ? parsed.fault : undefined;
  const shown = (of: string, what: DiskLimitKind) => held.of(diskLimitKey(of, what)) ?? MAX;
  const write = (of: string, what: DiskLimitKind, perSec: ReadingValue, over: ReadingValue) => {
    if (pending || off !== undefined) return;
    void run(async () => {
      const [value, replaces] = [diskLimitText(of, what, perSec), diskLimitText(of, what, over)];
      const written = await writeAsking({ group: live.entry, file: FILE, value, replaces }, ask);
      if (!written) return undefined;
      held.answered(diskLimitKey(of, what), perSec);
      setDraft('');
      return `Set ${value} in ${durationText(written.tookMs)}.`;
    });
  };
  const change = (text: string) => {
    if (draft === '') setOver(() => shown);
    setDraft(text);
  };
  const enter = () => {
    if (disk !== undefined && parsed && 'perSec' in parsed) write(disk, kind, parsed.perSec, over?.(disk, kind) ?? shown(disk, kind));
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
            onChange={change}
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
              onClick={() => write(limit.disk, limit.kind, MAX, shown(limit.disk, limit.kind))}
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
