// Device rules on v2: cgdeck's BPF program of type cgroup_device on the group. Programs of other software, on it and above, must allow as well.

import {
  type DeviceProgram,
  DeviceProgramError,
  devicePrograms,
  type KernelDeviceRule,
  removeDeviceRules,
  setDeviceRules,
} from '../../../../native/libc/device-programs.ts';
import type { DeviceView, ReadDeviceRules } from '../../../contract/device-schemas.ts';
import { accessOf, type DeviceRule, mergeDeviceRules } from '../../../contract/devices.ts';
import { lineage } from '../../../contract/paths.ts';
import { ProblemError } from '../../../contract/problems.ts';
import { errnoOf } from '../../kernel/errno.ts';

/** linux/bpf.h: BPF_DEVCG_DEV_BLOCK is 1 and _CHAR is 2; cgdeck uses 0 for both. */
const TYPES = ['a', 'b', 'c'] as const;
const ANY = -1;
const BITS = { m: 1, r: 2, w: 4 } as const;

function toKernel({ type, major, minor, access }: DeviceRule): KernelDeviceRule {
  return {
    type: TYPES.indexOf(type),
    major: major === '*' ? ANY : major,
    minor: minor === '*' ? ANY : minor,
    access: ([...access] as (keyof typeof BITS)[]).reduce((bits, letter) => bits | BITS[letter], 0),
  };
}

function fromKernel({ type, major, minor, access }: KernelDeviceRule): DeviceRule[] {
  const kind = TYPES[type];
  const letters = accessOf(new Set(Object.entries(BITS).flatMap(([letter, bit]) => ((access & bit) === 0 ? [] : [letter]))));
  if (kind === undefined || letters === undefined) return [];
  return [{ type: kind, major: major === ANY ? '*' : major, minor: minor === ANY ? '*' : minor, access: letters }];
}

export type ProgramView = Pick<DeviceView, 'rules' | 'above' | 'others' | 'notes'>;

/** @param dirOf the directory of a group in the v2 hierarchy */
export class DevicePrograms {
  readonly #dirOf: (group: string) => string;

  constructor(dirOf: (group: string) => string) {
    this.#dirOf = dirOf;
  }

  /** The programs attached to the group and to its ancestors. */
  async read(group: string): Promise<ProgramView> {
    const attached = await Promise.all(lineage(group).map(async (at) => ({ at, programs: await this.#programs(at) })));
    const own = attached.map(({ at, programs }) => ({ group: at, ours: programs.find(({ ours }) => ours) }));
    const others = attached.flatMap(({ at, programs }) =>
      programs.filter(({ ours }) => !ours).map(({ id, name }) => ({ group: at, id, name })),
    );
    const [here, ...above] = own;
    return {
      rules: here?.ours ? rulesOf(here.ours) : null,
      above: above.flatMap(({ group: at, ours }) => (ours ? [{ group: at, rules: rulesOf(ours) }] : [])),
      others,
      notes: [...own.flatMap(({ group: at, ours }) => (ours && !ours.rules ? [hidden(at)] : [])), ...aboutOthers(group, others)],
    };
  }

  /** @throws ProblemError where the kernel refuses; the program from before then stays attached */
  async set(group: string, rules: readonly DeviceRule[] | null): Promise<void> {
    const dir = this.#dirOf(group);
    try {
      if (rules === null) await removeDeviceRules(dir);
      else await setDeviceRules(dir, mergeDeviceRules(rules).map(toKernel));
    } catch (error) {
      throw refused(group, error);
    }
  }

  async #programs(group: string): Promise<DeviceProgram[]> {
    try {
      return await devicePrograms(this.#dirOf(group));
    } catch (error) {
      throw refused(group, error);
    }
  }
}

const rulesOf = ({ rules }: DeviceProgram): ReadDeviceRules => rules?.flatMap(fromKernel) ?? 'hidden';

function hidden(group: string): string {
  return `The device rules of ${group} cannot be read back: this kernel hides the content of BPF programs (bpf_jit_harden with kptr_restrict). New rules can be set.`;
}

/** Software that attaches device programs, by the name of its program. */
const OWNERS: Readonly<Record<string, string>> = { sd_devices: 'systemd' };

function aboutOthers(group: string, others: ProgramView['others']): string[] {
  if (others.length === 0) return [];
  const named = others.map(
    ({ group: at, id, name }) => `${OWNERS[name] ?? (name === '' ? `number ${id}` : name)} ${at === group ? 'here' : `on ${at}`}`,
  );
  const what = others.length === 1 ? 'A device program of other software is' : `${others.length} device programs of other software are`;
  return [
    `${what} attached (${named.join(', ')}), as systemd, runc and other runtimes do. Such rules cannot be read back as a list, and a device may be used only if every program allows it.`,
  ];
}

/** Why bpf(2) refused, by the step and the errno. */
function advice({ step, code, log }: DeviceProgramError): string {
  if (step === 'open') return 'The group does not exist, or was removed.';
  if (code === 'EPERM' && step === 'attach')
    return 'A program attached to this group or an ancestor permits no others (it was attached without BPF_F_ALLOW_MULTI), or cgdeck lacks CAP_NET_ADMIN.';
  if (code === 'EPERM' || code === 'EACCES')
    return log === ''
      ? 'Loading and reading programs needs CAP_BPF with CAP_NET_ADMIN, or CAP_SYS_ADMIN, in the initial user namespace. Before Linux 5.11 programs also count towards RLIMIT_MEMLOCK.'
      : '';
  if (step === 'attach' && code === 'E2BIG') return 'The kernel allows at most 64 programs per group.';
  if (code === 'ENOSYS' || code === 'EINVAL') return 'The kernel may lack CONFIG_CGROUP_BPF, which device rules on v2 need.';
  return '';
}

function refused(group: string, error: unknown): unknown {
  if (!(error instanceof DeviceProgramError)) return error;
  const { step, log } = error;
  const errno = errnoOf(error);
  const did = {
    open: 'The group’s directory could not be opened',
    load: 'The kernel refused to load the program',
    query: 'The attached programs could not be read',
    attach: 'The program could not be attached',
  }[step];
  const parts = [`${did} for ${group}: ${errno}.`, advice(error), log.trim() === '' ? '' : `The BPF verifier’s log ends: …${log.trim()}`];
  return new ProblemError(step === 'open' ? 'not_found' : 'kernel_refused', parts.filter((part) => part !== '').join(' '), {
    errno,
    file: `${group}/device program`,
    cause: error,
  });
}
