// The devices that a group may use: the kernel’s rules, the rules above, and a text field to change them.
'use client';
import { useId, useState } from 'react';
import {
  containerDevices,
  type DeviceRule,
  type DeviceView,
  deviceMeans,
  deviceName,
  deviceRuleText,
  MOST_DEVICE_RULES,
  parseDeviceRule,
} from '../../../server/contract/devices.ts';
import type { EventKind } from '../../../server/contract/events.ts';
import { useAction } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import { useEvents, useTick } from '../../live/hooks.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { Fault, inputClass } from '../../ui/field.tsx';
import { useAnswer } from '../use-answer.ts';

/** So many are shown; the rest is a number. */
const SHOWN = 12;

const WRITES: ReadonlySet<EventKind> = new Set(['write']);
const isDeviceMeans = (file: string) => deviceMeans.some((means) => means === file);

export interface DeviceRulesProps {
  readonly group: string;
  readonly inode: number;
  readonly reason: string | undefined;
}

export function DeviceRules({ group, inode, reason }: DeviceRulesProps) {
  // Not in the first frame: a group removed as its page opened is gone with the next one. The group’s own time does not show this, since an idle group is in no frame.
  const seq = useTick()?.seq;
  const [firstSeq] = useState(seq);
  // No event reports what other programs attach or write.
  const changed = useEvents({ group, kinds: WRITES }).findLast((event) => event.kind === 'write' && isDeviceMeans(event.file))?.id ?? 0;
  const {
    data: latest,
    error,
    again,
  } = useAnswer(seq !== firstSeq ? `devices ${group} ${changed}` : undefined, () => api.devices({ group }));
  // Keeps the last answer while the next is awaited, so that typing is not interrupted.
  const [data, setData] = useState(latest);
  if (latest && latest !== data) setData(latest);
  const [editing, setEditing] = useState(false);
  const { pending, problem, run, clear } = useAction();
  const set = async (rules: readonly DeviceRule[] | null) => {
    clear();
    await run(async () => {
      await api.setDevices({ group, inode, rules: rules && [...rules] });
      setEditing(false);
    });
    again();
  };
  const shown = problem ?? (data === undefined ? error : undefined);
  return (
    <section aria-label="Devices" className="col-span-full min-w-0">
      <div className="flex min-h-6 flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 className="text-sm font-medium">Devices</h3>
        {data && !editing && <Rules view={data} />}
        <span className="ml-auto flex gap-1">
          {data?.rules && !editing && (
            <Button size="sm" variant="quiet" pending={pending} reason={reason} onClick={() => void set(null)}>
              Remove
            </Button>
          )}
          {data && !editing && (
            <Button size="sm" reason={reason} onClick={() => setEditing(true)}>
              Change…
            </Button>
          )}
        </span>
      </div>
      {editing && data && (
        <Editor before={data.rules === 'hidden' ? null : data.rules} pending={pending} onSet={set} onCancel={() => setEditing(false)} />
      )}
      <Fault className="mt-1">{shown && `■ ${shown.detail}`}</Fault>
      {data && !editing && <Notes view={data} />}
    </section>
  );
}

function Rules({ view: { rules, file } }: { readonly view: DeviceView }) {
  if (rules === null) return <span className="text-sm text-quiet">No rules of its own.</span>;
  if (rules === 'hidden') return <span className="text-sm">This kernel does not show the rules.</span>;
  if (rules.length === 0) return <span className="text-sm">No device, not even /dev/null.</span>;
  return (
    <ul aria-label={`Allowed by its ${file}`} className="flex min-w-0 flex-wrap gap-x-3 gap-y-0.5 text-sm">
      {rules.slice(0, SHOWN).map((rule) => (
        <li key={deviceRuleText(rule)} className="whitespace-nowrap">
          <code className="font-mono text-xs">{deviceRuleText(rule)}</code> <span className="text-xs text-quiet">{deviceName(rule)}</span>
        </li>
      ))}
      {rules.length > SHOWN && <li className="text-xs text-quiet">and {rules.length - SHOWN} more</li>}
    </ul>
  );
}

function Notes({ view: { above, notes } }: { readonly view: DeviceView }) {
  const also = above.map(
    ({ group, rules }) => `${group} has rules too${rules === 'hidden' ? '' : ` (${rules.length})`}: both must allow a device.`,
  );
  const all = [...also, ...notes];
  return all.length === 0 ? null : <p className="mt-1 text-xs text-quiet">{all.join(' ')}</p>;
}

interface EditorProps {
  readonly before: readonly DeviceRule[] | null;
  readonly pending: boolean;
  readonly onSet: (rules: readonly DeviceRule[]) => Promise<void>;
  readonly onCancel: () => void;
}

const textOf = (rules: readonly DeviceRule[]) => rules.map(deviceRuleText).join('\n');

function Editor({ before, pending, onSet, onCancel }: EditorProps) {
  const id = useId();
  const [text, setText] = useState(() => textOf(before ?? containerDevices));
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const rules = lines.flatMap((line) => parseDeviceRule(line) ?? []);
  const wrong = lines.find((line) => parseDeviceRule(line) === undefined);
  const tooMany = rules.length > MOST_DEVICE_RULES ? `At most ${MOST_DEVICE_RULES} rules.` : undefined;
  const fault = wrong === undefined ? tooMany : `“${wrong.trim()}” is not a rule.`;
  return (
    <div className="mt-1 flex flex-col gap-2">
      <textarea
        aria-label="Device rules"
        aria-describedby={`${id}-status`}
        aria-invalid={fault !== undefined}
        value={text}
        rows={Math.min(12, Math.max(4, lines.length + 1))}
        spellCheck={false}
        onChange={(event) => setText(event.target.value)}
        className={cx(inputClass, 'h-auto! py-1.5 font-mono text-xs!')}
      />
      <p id={`${id}-status`} className={cx('text-xs', fault === undefined ? 'text-quiet' : 'text-hard')}>
        {fault ?? 'One rule a line: c or b, major:minor or *, and r, w, m for read, write and mknod. Everything else is denied.'}
      </p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" variant="primary" pending={pending} reason={fault} onClick={() => void onSet(rules)}>
          Set rules
        </Button>
        <Button size="sm" onClick={() => setText(textOf(containerDevices))}>
          As containers have it
        </Button>
        <Button size="sm" variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </div>
  );
}
