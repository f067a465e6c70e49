// Answers to the calls about device rules: who may, journaled where it acts, told as an event; and the rules of a launch, before it starts.
import { type DeviceRule, deviceRulesText } from '../../contract/devices.ts';
import type { DeviceChange } from '../act/devices/device-control.ts';
import type { CommandParts, Handlers } from './command-parts.ts';

type Parts = Pick<CommandParts, 'devices' | 'journal' | 'reporter'>;

/** Sets a group's rules, and tells it; the journal is its caller's. */
export async function changeDevices(
  { devices, reporter }: Pick<Parts, 'devices' | 'reporter'>,
  group: string,
  rules: readonly DeviceRule[] | null,
  by: string,
): Promise<DeviceChange & { readonly asked: string }> {
  const change = await devices.set(group, rules);
  const asked = deviceRulesText(rules);
  reporter.report({ kind: 'write', group, file: change.view.file, old: change.old, new: change.new, asked, by, time: Date.now() });
  return { ...change, asked };
}

export function deviceHandlers({ devices, journal, reporter }: Parts): Pick<Handlers, 'devices' | 'setDevices'> {
  return {
    devices: ({ group }) => devices.view(group),
    setDevices: async ({ group, rules }, by) => {
      devices.check(group);
      const started = performance.now();
      const { view, ...texts } = await journal.record(
        { by, action: 'devices', group, facts: { rules } },
        () => changeDevices({ devices, reporter }, group, rules, by),
        (done) => done.new,
      );
      return { ...view, ...texts, tookMs: performance.now() - started };
    },
  };
}
