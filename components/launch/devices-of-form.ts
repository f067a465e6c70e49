// Device rules between the form and a request.
import { containerDevices, type DeviceRule, MAJORS, MINORS, MOST_DEVICE_RULES, parseDeviceRule } from '../../server/contract/devices.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import type { DeviceRow, LaunchForm } from './launch-form.ts';

/** An empty number means every number. */
function ruleOf({ type, major, minor, access }: DeviceRow): DeviceRule | undefined {
  return parseDeviceRule(`${type} ${major.trim() || '*'}:${minor.trim() || '*'} ${access}`);
}

export function rowOf({ type, major, minor, access }: DeviceRule): DeviceRow {
  return { type, major: String(major), minor: String(minor), access };
}

/** The request’s devices; none where the form has no rules. */
export function devicesOf({ devices, deviceRows }: Pick<LaunchForm, 'devices' | 'deviceRows'>): Pick<LaunchRequest, 'devices'> {
  if (devices === 'unruled') return {};
  return { devices: devices === 'container' ? [...containerDevices] : deviceRows.flatMap((row) => ruleOf(row) ?? []) };
}

export function devicesInForm(rules: readonly DeviceRule[] | undefined): Pick<LaunchForm, 'devices' | 'deviceRows'> {
  if (rules === undefined) return { devices: 'unruled', deviceRows: [] };
  const asContainers = JSON.stringify(rules) === JSON.stringify(containerDevices);
  return asContainers ? { devices: 'container', deviceRows: [] } : { devices: 'own', deviceRows: rules.map(rowOf) };
}

/** What is wrong with the rows, in a sentence. */
export function deviceRowsFault(rows: readonly DeviceRow[]): string | undefined {
  if (rows.length > MOST_DEVICE_RULES) return `At most ${MOST_DEVICE_RULES} rules.`;
  const wrong = rows.findIndex((row) => ruleOf(row) === undefined);
  return wrong < 0 ? undefined : `Rule ${wrong + 1}: a major number under ${MAJORS} and a minor under ${MINORS}, or * for every one.`;
}
