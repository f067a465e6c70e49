// Sets device rules for a person: asks where the group has others than those that were shown.

import type { ReadDeviceRules } from '../../../server/contract/device-schemas.ts';
import { type DeviceRule, deviceRuleText } from '../../../server/contract/devices.ts';
import { api } from '../../live/api.ts';
import { aboutGroups, type SeenGroup } from '../../live/seen.ts';
import type { Ask } from '../../ui/question.tsx';
import { whileChanged } from '../while-changed.ts';

/** So many are shown; the rest is a number. */
export const RULES_SHOWN = 12;

export interface WantedDevices {
  readonly group: SeenGroup;
  readonly rules: readonly DeviceRule[] | null;
  /** The rules that were shown when these were chosen. */
  readonly replaces: ReadDeviceRules | null;
}

/** @returns false if the answer was no @throws ProblemError for any other refusal */
export async function setDevicesAsking({ group, rules, replaces }: WantedDevices, ask: Ask): Promise<boolean> {
  const { path, inode } = group;
  const answer = await whileChanged(
    {
      seen: replaces,
      write: (seen) => api.setDevices({ group: path, inode, rules: rules && [...rules], replaces: seen }),
      read: async () => (await api.devices({ group: path })).rules,
      question: (now, seen) => ({
        title: `Set the device rules of ${path} all the same?`,
        body: `Somebody else has changed them meanwhile: now ${rulesInWords(now)}, no longer ${rulesInWords(seen)}. They stay so unless you set ${rulesInWords(rules)}.`,
        confirm: 'Replace these rules',
        danger: false,
        about: aboutGroups([group]),
      }),
    },
    ask,
  );
  return answer !== undefined;
}

function rulesInWords(rules: readonly DeviceRule[] | 'hidden' | null): string {
  if (rules === null) return 'no rules';
  if (rules === 'hidden') return 'rules that this kernel does not show';
  if (rules.length === 0) return 'no device at all';
  const more = rules.length - RULES_SHOWN;
  return `“${rules.slice(0, RULES_SHOWN).map(deviceRuleText).join(', ')}”${more > 0 ? ` and ${more} more` : ''}`;
}
