// The device rules in the script: lines of v1’s devices controller; on v2 what a program will allow, for which there is no file.
import { versionOf } from '../../server/contract/controller.ts';
import { type DeviceRule, deviceName, deviceRuleText, listedDeviceRules, mergeDeviceRules } from '../../server/contract/devices.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { quoteWord } from './argv.ts';
import { type Mounts, place } from './script-places.ts';

function comment(rule: DeviceRule): string {
  const name = deviceName(rule);
  return name === undefined ? '' : `  # ${name}`;
}

export function deviceLines({ devices }: LaunchRequest, group: string, mounts: Mounts): string[] {
  if (devices === undefined) return [];
  const rules = mergeDeviceRules(devices);
  const allow = place('devices.allow', group, mounts);
  const deny = place('devices.deny', group, mounts);
  if (versionOf('devices', mounts.hierarchies) !== 1 || allow === undefined || deny === undefined) {
    const what = rules.length === 0 ? ['#   nothing'] : rules.map((rule) => `#   ${deviceRuleText(rule)}${comment(rule)}`);
    return ['', '# Its devices: cgdeck attaches a BPF program of type cgroup_device, which has no file. It allows:', ...what];
  }
  return [
    '',
    '# Its devices: deny all, then allow these.',
    `echo a > ${deny}`,
    ...listedDeviceRules(devices).map((rule) => `echo ${quoteWord(deviceRuleText(rule))} > ${allow}${comment(rule)}`),
  ];
}
