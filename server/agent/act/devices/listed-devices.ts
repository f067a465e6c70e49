// Device rules on v1: the list of the devices controller, changed line by line, and restored if a line is refused.
import { type DeviceRule, deviceRuleText, listedDeviceRules, parseDeviceRule } from '../../../contract/devices.ts';
import type { ControlFileIo } from '../../kernel/files/control-file-io.ts';

const LIST = 'devices.list';
const ALLOW = 'devices.allow';
const DENY = 'devices.deny';
const EVERYTHING = 'a';

interface Line {
  readonly file: typeof ALLOW | typeof DENY;
  readonly text: string;
}

/** Null where everything is allowed. The kernel does not list what single rules then denied. */
export function parseDeviceList(text: string): DeviceRule[] | null {
  const rules = text.split('\n').flatMap((line) => parseDeviceRule(line) ?? []);
  return rules.some(({ type }) => type === 'a') ? null : rules;
}

const placeOf = ({ type, major, minor }: DeviceRule) => `${type} ${major}:${minor}`;

function beyond(rules: readonly DeviceRule[], others: readonly DeviceRule[], file: Line['file']): Line[] {
  const there = new Map(others.map((rule) => [placeOf(rule), rule.access as string]));
  return rules.flatMap((rule) => {
    const letters = [...rule.access].filter((letter) => !there.get(placeOf(rule))?.includes(letter)).join('');
    return letters === '' ? [] : [{ file, text: `${placeOf(rule)} ${letters}` }];
  });
}

/**
 * What to write, in order. New rules come first, so that a device that both lists allow is allowed all the time. From "everything" that is
 * impossible: the kernel begins a list only by denying all.
 */
export function linesBetween(before: readonly DeviceRule[] | null, wanted: readonly DeviceRule[] | null): Line[] {
  if (wanted === null) return before === null ? [] : [{ file: ALLOW, text: EVERYTHING }];
  if (before === null)
    return [{ file: DENY, text: EVERYTHING }, ...wanted.map((rule): Line => ({ file: ALLOW, text: deviceRuleText(rule) }))];
  return [...beyond(wanted, before, ALLOW), ...beyond(before, wanted, DENY)];
}

export class ListedDevices {
  readonly #io: ControlFileIo;

  constructor(io: ControlFileIo) {
    this.#io = io;
  }

  async read(group: string): Promise<DeviceRule[] | null> {
    return parseDeviceList(await this.#io.read(group, LIST));
  }

  /** @throws ProblemError for a line that the kernel refuses; the list is then restored */
  async set(group: string, rules: readonly DeviceRule[] | null): Promise<void> {
    const before = await this.read(group);
    try {
      await this.#change(group, before, rules && listedDeviceRules(rules));
    } catch (error) {
      // If restoring fails too, the group was removed or changed meanwhile; the first refusal is the one to report.
      await this.read(group)
        .then((now) => this.#change(group, now, before))
        .catch(() => {});
      throw error;
    }
  }

  async #change(group: string, from: readonly DeviceRule[] | null, to: readonly DeviceRule[] | null): Promise<void> {
    for (const { file, text } of linesBetween(from, to)) await this.#io.write(group, file, text);
  }
}
