// Device rules, the same for v1 and v2: what a group may do with which devices; everything else is denied.

/** As the kernel writes them: read, write, mknod (admin-guide/cgroup-v1/devices.rst). */
export const deviceAccesses = ['rwm', 'rw', 'rm', 'wm', 'r', 'w', 'm'] as const;
export type DeviceAccess = (typeof deviceAccesses)[number];

/** The kernel's device numbers have 12 bits for the major and 20 for the minor part. */
export const MAJORS = 2 ** 12;
export const MINORS = 2 ** 20;
export const MOST_DEVICE_RULES = 64;

/** In a rule: any number. */
export const EVERY = '*';

/** An allow rule in the grammar of v1's devices.allow: a block or character device, or `a` for both. */
export interface DeviceRule {
  type: 'a' | 'b' | 'c';
  major: number | typeof EVERY;
  minor: number | typeof EVERY;
  access: DeviceAccess;
}

/** The usual devices of containers: null, zero, full, random, urandom, tty, console, pseudo-terminals, and mknod of anything (OCI runtime specification, config-linux). */
export const containerDevices: readonly DeviceRule[] = [
  { type: 'c', major: EVERY, minor: EVERY, access: 'm' },
  { type: 'b', major: EVERY, minor: EVERY, access: 'm' },
  { type: 'c', major: 1, minor: 3, access: 'rwm' },
  { type: 'c', major: 1, minor: 5, access: 'rwm' },
  { type: 'c', major: 1, minor: 7, access: 'rwm' },
  { type: 'c', major: 1, minor: 8, access: 'rwm' },
  { type: 'c', major: 1, minor: 9, access: 'rwm' },
  { type: 'c', major: 5, minor: 0, access: 'rwm' },
  { type: 'c', major: 5, minor: 1, access: 'rwm' },
  { type: 'c', major: 5, minor: 2, access: 'rwm' },
  { type: 'c', major: 136, minor: EVERY, access: 'rwm' },
];

/** Usual names of device numbers (admin-guide/devices.txt). */
const NAMES: Readonly<Record<string, string>> = {
  'c 1:3': '/dev/null',
  'c 1:5': '/dev/zero',
  'c 1:7': '/dev/full',
  'c 1:8': '/dev/random',
  'c 1:9': '/dev/urandom',
  'c 5:0': '/dev/tty',
  'c 5:1': '/dev/console',
  'c 5:2': '/dev/ptmx',
  'c 10:200': '/dev/net/tun',
  'c 10:229': '/dev/fuse',
  'c 10:232': '/dev/kvm',
  'c 136:*': '/dev/pts/*',
  'c *:*': 'any character device',
  'b *:*': 'any block device',
  'a *:*': 'any device',
};

/** The usual name of a rule's device; undefined if it has none. */
export function deviceName({ type, major, minor }: DeviceRule): string | undefined {
  return NAMES[`${type} ${major}:${minor}`];
}

/** The rule as v1 writes it: "c 1:3 rwm". */
export function deviceRuleText({ type, major, minor, access }: DeviceRule): string {
  return `${type} ${major}:${minor} ${access}`;
}

/** The text for events and people; null is no restriction, on v1 "a *:* rwm". */
export function deviceRulesText(rules: readonly DeviceRule[] | 'hidden' | null): string {
  if (rules === null) return 'a *:* rwm';
  if (rules === 'hidden') return 'rules that the kernel does not show';
  return rules.length === 0 ? 'nothing' : rules.map(deviceRuleText).join(', ');
}

const LINE = /^([abc]) (\*|\d{1,4}):(\*|\d{1,7}) ([rwm]{1,3})$/;

/** Parses a line of that grammar, accesses in any order; undefined if it is not a rule. */
export function parseDeviceRule(line: string): DeviceRule | undefined {
  const match = LINE.exec(line.trim().replaceAll(/\s+/g, ' '));
  if (!match) return undefined;
  const [, type, major, minor, letters = ''] = match;
  const number = (text: string | undefined) => (text === EVERY ? EVERY : Number(text));
  const access = accessOf(new Set(letters));
  if (!access || new Set(letters).size !== letters.length || Number(major) >= MAJORS || Number(minor) >= MINORS) return undefined;
  return { type: type as DeviceRule['type'], major: number(major), minor: number(minor), access };
}

/** The accesses in the kernel's order; undefined if there are none. */
export function accessOf(letters: ReadonlySet<string>): DeviceAccess | undefined {
  const text = [...'rwm'].filter((letter) => letters.has(letter)).join('');
  return deviceAccesses.find((access) => access === text);
}

function covers(wide: DeviceRule, narrow: DeviceRule): boolean {
  return (
    (wide.type === 'a' || wide.type === narrow.type) &&
    (wide.major === EVERY || wide.major === narrow.major) &&
    (wide.minor === EVERY || wide.minor === narrow.minor) &&
    [...narrow.access].every((letter) => wide.access.includes(letter))
  );
}

/** The shortest equivalent list: rules for the same devices become one, as on v1, and rules that another rule covers are left out. */
export function mergeDeviceRules(rules: readonly DeviceRule[]): DeviceRule[] {
  const merged = new Map<string, DeviceRule>();
  for (const rule of rules) {
    const key = `${rule.type} ${rule.major}:${rule.minor}`;
    const before = merged.get(key)?.access ?? '';
    merged.set(key, { ...rule, access: accessOf(new Set(before + rule.access)) ?? rule.access });
  }
  const all = [...merged.values()];
  return all.filter((rule) => !all.some((other) => other !== rule && covers(other, rule)));
}

/** For v1, which takes `a` for all devices and ignores the numbers: a rule for both types becomes one for each. */
export function listedDeviceRules(rules: readonly DeviceRule[]): DeviceRule[] {
  return mergeDeviceRules(rules.flatMap((rule) => (rule.type === 'a' ? (['b', 'c'] as const).map((type) => ({ ...rule, type })) : [rule])));
}

/** Where a group's rules are: in the file of v1's devices controller, or on v2 in a BPF program of type cgroup_device. */
export const deviceMeans = ['devices.list', 'device program'] as const;
