// From the form to the request and back, without loss.
import type { LaunchRequest, Rlimit } from '../../server/contract/launch.ts';
import { networkOf } from '../../server/contract/launch-options.ts';
import { allV1, type LimitVersions } from '../../server/contract/limit-names.ts';
import { rlimitNames } from '../../server/contract/privileges.ts';
import { MAX, parseSize } from '../../server/contract/units.ts';
import { parseRate, type Rate, rateInput } from '../group/network/rate.ts';
import { formOfPlan, planOf } from '../guard/plan-form.ts';
import { joinArgv, splitCommand } from './argv.ts';
import { devicesInForm, devicesOf } from './devices-of-form.ts';
import type { BindRow, LaunchForm, RlimitRow } from './launch-form.ts';
import { limitsInForm, limitsOf } from './limits-of-form.ts';

type RlimitName = (typeof rlimitNames)[number];
type RlimitValue = (typeof Rlimit)['_output']['soft'];

const DEFAULT_GRACE_MS = 10_000;

export function isRlimitName(name: string): name is RlimitName {
  return rlimitNames.some((known) => known === name);
}

/** "1024", "64M", "max". */
export function parseRlimit(text: string): RlimitValue | undefined {
  return text.trim() === '' ? undefined : parseSize(text.trim());
}

/** Seconds as typed, in ms; undefined for an invalid time. */
export function parseGrace(text: string): number | undefined {
  return /^\d+([.,]\d+)?$/.test(text.trim()) ? Math.round(Number(text.trim().replace(',', '.')) * 1000) : undefined;
}

export function parseWhole(text: string): number | undefined {
  return /^[+-]?\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}

/** An empty row is no bind. */
export function isEmptyBind({ source, target }: BindRow): boolean {
  return source === '' && target === '';
}

/** A path starts with a slash: blanks before it are a mistake, blanks after it may be meant. */
const pathOf = (text: string) => text.trimStart();

export function toRequest(form: LaunchForm): LaunchRequest {
  const own = (kind: LaunchForm['namespaces'][number]) => form.namespaces.includes(kind);
  const env = Object.fromEntries(form.env.filter(({ name }) => name !== '').map(({ name, value }) => [name, value]));
  const namespaces = [...form.namespaces];
  const network = form.network;
  const routed = networkOf({ network, namespaces }) === 'routed';
  const cwd = pathOf(form.cwd);
  const hostname = form.hostname.trim();
  const oomScoreAdj = parseWhole(form.oomScoreAdj);
  const nice = parseWhole(form.nice);
  const umask = form.umask.trim();
  const maxRetries = parseWhole(form.maxRetries);
  const guard = form.guard && planOf(form.guard);
  return {
    name: form.name,
    argv: [...splitCommand(form.command).argv],
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(cwd === '' ? {} : { cwd }),
    namespaces,
    init: form.init,
    ...(hostname === '' || !own('uts') ? {} : { hostname }),
    limits: limitsOf(form),
    ...devicesOf(form),
    ...(network === undefined ? {} : { network }),
    rates: { ...rateAs('egressBitsPerSec', form.egress, routed), ...rateAs('ingressBitsPerSec', form.ingress, routed) },
    nat: routed && form.nat,
    ...(own('mnt') ? filesOf(form) : { rootfsWritable: false, binds: [] }),
    tty: form.tty,
    capabilities: [...form.capabilities],
    noNewPrivileges: form.noNewPrivileges,
    seccomp: form.seccomp,
    rlimits: rlimitsOf(form.rlimits),
    ...(oomScoreAdj === undefined ? {} : { oomScoreAdj }),
    ...(nice === undefined ? {} : { nice }),
    ...(umask === '' ? {} : { umask }),
    ...(own('user') && form.user.trim() !== '' ? { user: form.user.trim() } : {}),
    ...(own('user') && form.group.trim() !== '' ? { group: form.group.trim() } : {}),
    restart: { policy: form.restart, ...(maxRetries === undefined ? {} : { maxRetries }) },
    graceMs: parseGrace(form.grace) ?? DEFAULT_GRACE_MS,
    ...(guard ? { guard } : {}),
  };
}

/** No rate is valid with any network; a rate needs a routed one. */
function rateAs(key: 'egressBitsPerSec' | 'ingressBitsPerSec', text: string, routed: boolean): { [key: string]: Rate } {
  const parsed = text.trim() === '' ? undefined : parseRate(text);
  if (!parsed || 'fault' in parsed || !(routed || parsed.rate === null)) return {};
  return { [key]: parsed.rate };
}

function filesOf(form: LaunchForm): Pick<LaunchRequest, 'rootfs' | 'rootfsWritable' | 'overlay' | 'binds' | 'tmpSize' | 'shmSize'> {
  const directory = form.root === 'directory';
  return {
    ...(directory ? { rootfs: pathOf(form.rootfs) } : {}),
    rootfsWritable: directory && form.writes === 'direct',
    ...(form.writes === 'layer' ? { overlay: form.layer === '' ? {} : { layer: form.layer } } : {}),
    binds: form.binds
      .filter((bind) => !isEmptyBind(bind))
      .map(({ source, target, writable }) => ({
        source: pathOf(source),
        ...(pathOf(target) === '' ? {} : { target: pathOf(target) }),
        writable,
      })),
    ...sizeAs('tmpSize', form.tmpSize),
    ...sizeAs('shmSize', form.shmSize),
  };
}

const sizeAs = (key: 'tmpSize' | 'shmSize', text: string): { [key: string]: string } => (text.trim() === '' ? {} : { [key]: text.trim() });

function rlimitsOf(rows: readonly RlimitRow[]): LaunchRequest['rlimits'] {
  const rlimits: LaunchRequest['rlimits'] = {};
  for (const { name, soft, hard } of rows) {
    const first = parseRlimit(soft);
    const second = hard.trim() === '' ? first : parseRlimit(hard);
    if (isRlimitName(name) && first !== undefined && second !== undefined) rlimits[name] = { soft: first, hard: second };
  }
  return rlimits;
}

const NO_LIMITS = {
  on: allV1,
  hard: MAX,
  soft: MAX,
  memsw: '',
  swap: '',
  quota: '',
  weight: '',
  cpus: '',
  pids: '',
  diskWrites: '',
  written: {},
} as const;

const textOf = (value: number | undefined) => (value === undefined ? '' : String(value));
const rateText = (rate: Rate | undefined) => (rate === undefined ? '' : rateInput(rate));

/** The form for exactly this request, its limits in the names of a machine with these versions. */
export function formOfRequest(request: LaunchRequest, on: LimitVersions = allV1): LaunchForm {
  return {
    ...NO_LIMITS,
    ...limitsInForm(request.limits, on),
    ...devicesInForm(request.devices),
    name: request.name,
    command: joinArgv(request.argv),
    tty: request.tty,
    env: Object.entries(request.env ?? {}).map(([name, value]) => ({ name, value })),
    cwd: request.cwd ?? '',
    hostname: request.hostname ?? '',
    namespaces: request.namespaces,
    init: request.init,
    guard: request.guard && formOfPlan(request.guard),
    root: request.rootfs === undefined ? 'host' : 'directory',
    rootfs: request.rootfs ?? '',
    writes: request.overlay ? 'layer' : request.rootfsWritable ? 'direct' : 'refused',
    layer: request.overlay?.layer ?? '',
    binds: request.binds.map(({ source, target, writable }) => ({ source, target: target ?? '', writable })),
    tmpSize: String(request.tmpSize ?? ''),
    shmSize: String(request.shmSize ?? ''),
    network: request.network,
    egress: rateText(request.rates.egressBitsPerSec),
    ingress: rateText(request.rates.ingressBitsPerSec),
    nat: request.nat,
    capabilities: request.capabilities,
    noNewPrivileges: request.noNewPrivileges,
    seccomp: request.seccomp,
    rlimits: rlimitNames.flatMap((name) => {
      const limit = request.rlimits[name];
      return limit ? [{ name, soft: String(limit.soft), hard: String(limit.hard) }] : [];
    }),
    oomScoreAdj: textOf(request.oomScoreAdj),
    nice: textOf(request.nice),
    umask: request.umask ?? '',
    user: request.user ?? '',
    group: request.group ?? '',
    restart: request.restart.policy,
    maxRetries: textOf(request.restart.maxRetries),
    grace: String(request.graceMs / 1000),
  };
}

/** The contract’s defaults, without a name and a command. */
export const emptyForm: LaunchForm = formOfRequest({
  ...{
    name: '',
    argv: [],
    namespaces: ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user'],
    init: true,
    limits: {},
    rates: {},
    nat: false,
  },
  ...{ rootfsWritable: false, binds: [], tty: false, capabilities: [], noNewPrivileges: true, seccomp: 'default', rlimits: {} },
  ...{ restart: { policy: 'never' }, graceMs: DEFAULT_GRACE_MS },
});
