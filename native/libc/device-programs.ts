// Device rules on v2, as BPF programs that native/kernel compiles and attaches (bpf(2)).
import { KernelError, kernel } from './library.ts';

const cDeviceRulesSet = kernel.func(
  'int cgdeck_device_rules_set(const char *dir, void *rules, int count, void *step, void *log, int logBytes)',
);
const cDeviceRulesRemove = kernel.func('int cgdeck_device_rules_remove(const char *dir, void *step)');
const cDevicePrograms = kernel.func('int cgdeck_device_programs(const char *dir, void *out, void *rules, void *step)');

/** struct device_rule of native/kernel/device-rules.h. */
export interface KernelDeviceRule {
  /** 1 for block devices, 2 for character devices, 0 for both. */
  readonly type: number;
  /** -1 for all. */
  readonly major: number;
  readonly minor: number;
  /** Bits: 1 mknod, 2 read, 4 write. */
  readonly access: number;
}

/** A program of type cgroup_device attached to a group. */
export interface DeviceProgram {
  readonly id: number;
  readonly name: string;
  readonly ours: boolean;
  /** Undefined for programs of other software, and for ours if the kernel hides its instructions. */
  readonly rules?: readonly KernelDeviceRule[];
}

const deviceSteps = ['open', 'load', 'query', 'attach'] as const;

/** A refusal by bpf(2), or by the group's folder. */
export class DeviceProgramError extends KernelError {
  readonly step: (typeof deviceSteps)[number];
  /** The end of the verifier's log, if it was asked for. */
  readonly log: string;

  constructor(errno: number, step: number, log: string) {
    super(`bpf ${deviceSteps[step - 1] ?? step}`, errno);
    this.step = deviceSteps[step - 1] ?? 'load';
    this.log = log;
  }
}

const MOST_PROGRAMS = 64;
const PROGRAM_BYTES = 28;
const PROGRAM_NAME_BYTES = 16;
const MOST_RULES = 128;
const RULE_FIELDS = 4;
const VERIFIER_LOG_BYTES = 2048;

/** The text up to a NUL or the end. */
function textIn(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString('utf8');
}

/** Runs a call on a thread of the pool, because the kernel may wait milliseconds for locks. */
function onDevices(
  call: (step: Int32Array, done: (error: unknown, result: number) => void) => void,
  log = new Uint8Array(1),
): Promise<number> {
  const step = new Int32Array(1);
  return new Promise((resolve, reject) => {
    call(step, (error, result) => {
      if (error) reject(error);
      else if (result < 0) reject(new DeviceProgramError(-result, step[0] ?? 0, textIn(log)));
      else resolve(result);
    });
  });
}

/**
 * Attaches a program for these rules to the v2 group at `dir`, and only then detaches an earlier one of ours.
 * @throws DeviceProgramError
 */
export async function setDeviceRules(dir: string, rules: readonly KernelDeviceRule[]): Promise<void> {
  const packed = Int32Array.from(rules.flatMap(({ type, major, minor, access }) => [type, major, minor, access]));
  const log = new Uint8Array(VERIFIER_LOG_BYTES);
  await onDevices((step, done) => cDeviceRulesSet.async(dir, packed, rules.length, step, log, log.length, done), log);
}

/** Detaches our programs from the group. @returns how many there were. @throws DeviceProgramError */
export function removeDeviceRules(dir: string): Promise<number> {
  return onDevices((step, done) => cDeviceRulesRemove.async(dir, step, done));
}

/** Lists the programs attached to the group itself. @throws DeviceProgramError */
export async function devicePrograms(dir: string): Promise<DeviceProgram[]> {
  const out = new Uint8Array(MOST_PROGRAMS * PROGRAM_BYTES);
  const rules = new Int32Array(MOST_RULES * RULE_FIELDS);
  const count = await onDevices((step, done) => cDevicePrograms.async(dir, out, rules, step, done));
  const view = new DataView(out.buffer);
  let used = 0;
  const takeRule = (): KernelDeviceRule => {
    const [type = 0, major = 0, minor = 0, access = 0] = rules.subarray(used, used + RULE_FIELDS);
    used += RULE_FIELDS;
    return { type, major, minor, access };
  };
  return Array.from({ length: count }, (_, i) => {
    const at = i * PROGRAM_BYTES;
    const known = view.getInt32(at + 8, true);
    const name = textIn(out.subarray(at + PROGRAM_BYTES - PROGRAM_NAME_BYTES, at + PROGRAM_BYTES));
    const base = { id: view.getUint32(at, true), name, ours: view.getInt32(at + 4, true) !== 0 };
    return known < 0 ? base : { ...base, rules: Array.from({ length: known }, takeRule) };
  });
}
