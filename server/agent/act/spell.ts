// Turns a requested value into the text that the control file takes: sizes in bytes, "max" as the file writes it. Refuses what it cannot take.
import type { ControlFile } from '../../contract/control-file.ts';
import { ProblemError } from '../../contract/problems.ts';
import { exactSize, MAX, SIZE_HELP } from '../../contract/units.ts';

const V1_NO_LIMIT = '-1';
const DISK = /^\d{1,6}:\d{1,7}$/;
const CONTROLLERS = /^[+-][a-z_]+( [+-][a-z_]+)*$/;

/** @throws ProblemError invalid, with what the file accepts */
export function spell(file: ControlFile, asked: string | number): string {
  const text = String(asked).trim();
  const fail = (wanted: string): never => {
    throw new ProblemError('invalid', `${file.name} does not accept "${String(asked)}": give ${wanted}.`, {
      file: file.name,
      asked: String(asked),
    });
  };
  if (text.includes('\0')) return fail('text without NUL characters');
  if (file.unit === 'bytes' && (file.format === 'integer' || file.format === 'integer-or-max')) {
    const bytes = exactSize(asked);
    if (bytes === undefined || (bytes === MAX && file.kind === 'trigger')) return fail(`max, or a size ${SIZE_HELP}`);
    return bytes === MAX ? (file.version === 1 ? V1_NO_LIMIT : MAX) : String(bytes);
  }
  switch (file.format) {
    case 'integer':
    case 'integer-or-max':
      if (file.signed) return /^-?\d{1,2}$/.test(text) ? text : fail('a whole number such as 5 or -1');
      if (text === MAX || text === V1_NO_LIMIT) return noLimit(file) ?? fail('a whole number; this file has no "no limit"');
      if (!/^\d{1,19}$/.test(text)) return fail(`a whole number${noLimit(file) === undefined ? '' : ', or max'}`);
      return text;
    case 'decimal-or-max':
      return text === MAX || /^\d{1,3}(\.\d{1,2})?$/.test(text) ? text : fail('a percentage such as 12.5, or max');
    case 'quota-period':
      return spellQuota(text) ?? fail('a quota in µs or max, optionally followed by the period in µs, such as "50000 100000"');
    case 'device-settings':
      return spellDevice(file, text) ?? fail('"major:minor key=value …", such as "8:0 rbps=1048576 wbps=max"');
    case 'ranges':
      return /^[\d,-]*$/.test(text) ? text : fail('a list such as 0-3,6');
    case 'word':
      return text === '' ? fail('one word') : text;
    case 'text':
      if (file.name === 'cgroup.subtree_control' && !CONTROLLERS.test(text)) return fail('controllers with + or -, such as "+memory -io"');
      return text;
    case 'flat-keyed':
    case 'nested-keyed':
    case 'device-keyed':
    case 'device-counters':
    case 'per-cpu':
    case 'lines':
      return text;
  }
}

function spellQuota(text: string): string | undefined {
  const [quota = '', period, ...more] = text.split(/\s+/);
  if (more.length > 0 || (period !== undefined && !/^\d{1,9}$/.test(period))) return undefined;
  const limit = quota === V1_NO_LIMIT ? MAX : quota;
  if (limit !== MAX && !/^\d{1,19}$/.test(limit)) return undefined;
  return period === undefined ? limit : `${limit} ${period}`;
}

/** Accepts sizes such as 1M for bytes per second, which the kernel would refuse. */
function spellDevice(file: ControlFile, text: string): string | undefined {
  const [device = '', ...pairs] = text.replace(/(\d)[ \u00a0\u202f]([KMGTPE]?i?B)(?=\s|$)/gi, '$1$2').split(/\s+/);
  if (pairs.length === 0 || (file.controller === 'io' && !DISK.test(device))) return undefined;
  const spelled: string[] = [];
  for (const pair of pairs) {
    const [key = '', value = '', ...more] = pair.split('=');
    if (!/^[a-z_]+$/.test(key) || !/^[\w.,]+$/.test(value) || more.length > 0) return undefined;
    const bytes = key.endsWith('bps') ? exactSize(value) : value;
    if (bytes === undefined) return undefined;
    spelled.push(`${key}=${bytes}`);
  }
  return [device, ...spelled].join(' ');
}

function noLimit(file: ControlFile): string | undefined {
  if (file.format === 'integer-or-max') return MAX;
  if (file.name === 'cpu.cfs_quota_us' || file.name === 'cpu.rt_runtime_us') return V1_NO_LIMIT;
  return undefined;
}
