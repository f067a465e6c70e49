// The devices that a group may use: the kernel’s rules, the rules above, and a text field to change them.
'use client';
import { useId, useState } from 'react';
import type { DeviceView } from '../../../server/contract/device-schemas.ts';
import {
  containerDevices,
  type DeviceRule,
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
import type { SeenGroup } from '../../live/seen.ts';
import { Button } from '../../ui/button.tsx';
import { cx } from '../../ui/classes.ts';
import { Fault, inputClass } from '../../ui/field.tsx';
import { useQuestion } from '../../ui/question.tsx';
import { useAnswer } from '../use-answer.ts';
import { RULES_SHOWN, setDevicesAsking } from './set-devices-asking.ts';

const WRITES: ReadonlySet<EventKind> = new Set(['write']);
const isDeviceMeans = (file: string) => deviceMeans.some((means) => means === file);

export interface DeviceRulesProps {
  readonly group: SeenGroup;
  readonly reason: string | undefined;
}

export function DeviceRules({ group: seen, reason }: DeviceRulesProps) {
  const group = seen.path;
  const ask = useQuestion();
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
  /** The rules that were shown when they began to be edited. */
  const [before, setBefore] = useState<Pick<DeviceView, 'rules'>>();
  const { pending, problem, run, clear } = useAction();
  const set = async (rules: readonly DeviceRule[] | null, { rules: replaces }: Pick<DeviceView, 'rules'>) => {
    clear();
    await run(async () => {
      if (await setDevicesAsking({ group: seen, rules, replaces }, ask)) setBefore(undefined);
    });
    again();
  };
  const shown = problem ?? (data === undefined ? error : undefined);
  return (
    <section aria-label="Devices" className="col-span-full min-w-0">
      <div className="flex min-h-6 flex-wrap items-baseline gap-x-3 gap-y-1">
        <h3 className="text-sm font-medium">Devices</h3>
        {data && !before && <Rules view={data} />}
        <span className="ml-auto flex gap-1">
          {data?.rules && !before && (
            <Button size="sm" variant="quiet" pending={pending} reason={reason} onClick={() => void set(null, data)}>
              Remove
            </Button>
          )}
          {data && !before && (
            <Button size="sm" reason={reason} onClick={() => setBefore(data)}>
              Change…
            </Button>
          )}
        </span>
      </div>
      {before && (
        <Editor
          before={before.rules === 'hidden' ? null : before.rules}
          pending={pending}
          onSet={(rules) => void set(rules, before)}
          onCancel={() => setBefore(undefined)}
        />
      )}
      <Fault className="mt-1">{shown && `■ ${shown.detail}`}</Fault>
      {data && !before && <Notes view={data} />}
    </section>
  );
}

function Rules({ view: { rules, file } }: { readonly view: DeviceView }) {
  if (rules === null) return <span className="text-sm text-quiet">No rules of its own.</span>;
  if (rules === 'hidden') return <span className="text-sm">This kernel does not show the rules.</span>;
  if (rules.length === 0) return <span className="text-sm">No device, not even /dev/null.</span>;
  return (
    <ul aria-label={`Allowed by its ${file}`} className="flex min-w-0 flex-wrap gap-x-3 gap-y-0.5 text-sm">
      {rules.slice(0, RULES_SHOWN).map((rule) => (
        <li key={deviceRuleText(rule)} className="whitespace-nowrap">
          <code className="font-mono text-xs">{deviceRuleText(rule)}</code> <span className="text-xs text-quiet">{deviceName(rule)}</span>
        </li>
      ))}
      {rules.length > RULES_SHOWN && <li className="text-xs text-quiet">and {rules.length - RULES_SHOWN} more</li>}
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
  readonly onSet: (rules: readonly DeviceRule[]) => void;
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
        <Button size="sm" variant="primary" pending={pending} reason={fault} onClick={() => onSet(rules)}>
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
