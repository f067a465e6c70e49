// The settings of a run, from flags or else variables; tokens only from variables, since every user can see flags.
import { join } from 'node:path';
import { z } from 'zod';
import { USUAL_FORECAST_SEC } from './contract/forecast.ts';
import { patternFault } from './contract/group-pattern.ts';
import { NewGroupPath } from './contract/path-schemas.ts';
import { PressureSettings, parsePressure, usualPressure } from './contract/pressure.ts';
import { readFlags } from './flags.mjs';

export const Settings = z.object({
  listen: z.object({ host: z.string(), port: z.number().int().min(0).max(65_535) }),
  stateDir: z.string(),
  runDir: z.string(),
  intervalMs: z.number().min(100).max(60_000),
  /** Globs of groups outside the managed root that may be written to, as kernel/reach.ts reads them. */
  control: z.array(z.string()),
  managedRoot: NewGroupPath.refine((path) => path !== '/', 'the managed root cannot be the root group'),
  behindProxy: z.boolean(),
  /** Notices may be sent to this machine itself. */
  notifyLocal: z.boolean().optional(),
  /** Shares: folders whose directories may become the root of a launch or be bound into one. */
  share: z.array(z.string()),
  /** The range for subnets of routed networks. */
  networkRange: z.string(),
  /** When a group of v2 is under pressure; absent: the usual levels. */
  pressure: PressureSettings.optional(),
  /** A warning is reported when a group is projected to meet a limit within this; 0: never; absent: the usual time. */
  forecastSec: z.number().min(0).max(3600).optional(),
  tls: z.object({ certFile: z.string(), keyFile: z.string() }).optional(),
});
export type Settings = z.infer<typeof Settings>;

/** An unusable setting; the message is one sentence for the terminal. */
export class SettingsError extends Error {}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const DEFAULT_LISTEN = '127.0.0.1:7420';
/** Where the Filesystem Hierarchy Standard and systemd-nspawn put root directories. */
const DEFAULT_SHARE = ['/srv', '/var/lib/machines'];
/** For root; other users have their own (XDG Base Directory Specification). */
const ROOTS: UserDefaults = { stateDir: '/var/lib/cgdeck', runDir: '/run/cgdeck', managedRoot: '/cgdeck' };
/** Of a Unix socket's path, its closing zero left out (unix(7), sun_path). */
const MOST_SOCKET_BYTES = 107;
const DEFAULT_NETWORK_RANGE = '10.186.0.0/16';

/** The patterns of CGDECK_CONTROL are separated by commas, except in braces and after a backslash. */
const PATTERN = /(?:\\.|\{[^}]*\}|[^,])+/gs;

function parseListen(text: string): Settings['listen'] {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !Number.isInteger(port) || port > 65_535) {
    throw new SettingsError(`--listen wants ADDRESS:PORT, such as ${DEFAULT_LISTEN}; got "${text}".`);
  }
  return { host, port };
}

const isYes = (text: string | undefined) => ['1', 'true', 'yes'].includes(text ?? '');

function managedRootOf(root: string | undefined): string {
  if (root !== undefined) return root;
  throw new SettingsError(
    'cgdeck needs root, or a control group that is delegated to you; the group it was started in is not. Start it with sudo, or with "systemd-run --user --scope -p Delegate=yes npm start", or name a group that you may write to with --root.',
  );
}

/** Each names one resource, in addition to memory at its usual levels; "none" watches none. */
function readPressure(texts: readonly string[]): PressureSettings {
  if (texts.join() === 'none') return {};
  let pressure = usualPressure;
  for (const text of texts) {
    const one = parsePressure(text);
    if (!one) {
      throw new SettingsError(
        `--pressure wants none, or memory, cpu or io, alone or with percentages for low, medium and critical such as memory=some10,some30,full40; got "${text}".`,
      );
    }
    pressure = { ...pressure, ...one };
  }
  return pressure;
}

export interface UserDefaults {
  readonly stateDir: string;
  readonly runDir: string;
  /** Undefined if no group is delegated to the user. */
  readonly managedRoot: string | undefined;
}

/** The folders of a user who is not root; empty if the environment names none. */
export function userDefaults(env: Readonly<Record<string, string | undefined>>, managedRoot: string | undefined): UserDefaults {
  const absolute = (path: string | undefined) => (path?.startsWith('/') ? path : undefined);
  const home = absolute(env.HOME);
  const state = absolute(env.XDG_STATE_HOME) ?? (home && `${home}/.local/state`);
  const stateDir = state && `${state}/cgdeck`;
  const run = absolute(env.XDG_RUNTIME_DIR);
  return { stateDir: stateDir ?? '', runDir: run ? `${run}/cgdeck` : stateDir ? `${stateDir}/run` : '', managedRoot };
}

/**
 * Reads flags and environment.
 * @param defaults by default root's
 * @throws SettingsError for an unknown flag, a value out of range, or an address that would be reachable from the network without TLS
 */
export function readSettings(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  defaults: UserDefaults = ROOTS,
): Settings {
  let values: ReturnType<typeof readFlags>;
  try {
    values = readFlags(args);
  } catch (error) {
    throw new SettingsError(error instanceof Error ? error.message : String(error));
  }
  const cert = values['tls-cert'] ?? env.CGDECK_TLS_CERT;
  const key = values['tls-key'] ?? env.CGDECK_TLS_KEY;
  if ((cert === undefined) !== (key === undefined))
    throw new SettingsError('--tls-cert and --tls-key are needed together: one is missing.');
  const interval = values.interval ?? env.CGDECK_INTERVAL ?? '1000';
  const forecast = values.forecast ?? env.CGDECK_FORECAST ?? String(USUAL_FORECAST_SEC);
  if (!/^\d{1,4}$/.test(forecast) || Number(forecast) > 3600)
    throw new SettingsError(`--forecast wants seconds from 0 to 3600, 0 for no warning; got "${forecast}".`);
  const settings: Settings = {
    listen: parseListen(values.listen ?? env.CGDECK_LISTEN ?? DEFAULT_LISTEN),
    stateDir: values['state-dir'] ?? env.CGDECK_STATE_DIR ?? defaults.stateDir,
    runDir: values['run-dir'] ?? env.CGDECK_RUN_DIR ?? defaults.runDir,
    intervalMs: Number(interval),
    control: values.control ?? env.CGDECK_CONTROL?.match(PATTERN) ?? [],
    managedRoot: managedRootOf(values.root ?? env.CGDECK_ROOT ?? defaults.managedRoot),
    behindProxy: values['behind-proxy'] ?? isYes(env.CGDECK_BEHIND_PROXY),
    notifyLocal: values['notify-local'] ?? isYes(env.CGDECK_NOTIFY_LOCAL),
    share: values.share ?? env.CGDECK_SHARE?.split(':').filter((path) => path !== '') ?? DEFAULT_SHARE,
    networkRange: values['network-range'] ?? env.CGDECK_NETWORK_RANGE ?? DEFAULT_NETWORK_RANGE,
    pressure: readPressure(values.pressure ?? env.CGDECK_PRESSURE?.split(' ').filter((text) => text !== '') ?? []),
    forecastSec: Number(forecast),
    ...(cert !== undefined && key !== undefined ? { tls: { certFile: cert, keyFile: key } } : {}),
  };
  if (!(settings.intervalMs >= 100 && settings.intervalMs <= 60_000)) {
    throw new SettingsError(`--interval wants milliseconds from 100 to 60000; got "${interval}".`);
  }
  for (const name of ['state-dir', 'run-dir'] as const)
    if (values[name] === '') throw new SettingsError(`--${name} wants a folder; got "".`);
  if (settings.stateDir === '' || settings.runDir === '')
    throw new SettingsError('Neither HOME nor XDG_STATE_HOME is set: name the folders with --state-dir and --run-dir.');
  if (Buffer.byteLength(join(settings.runDir, 'agent.sock')) > MOST_SOCKET_BYTES)
    throw new SettingsError(
      `--run-dir wants a shorter path, of at most ${MOST_SOCKET_BYTES - '/agent.sock'.length} bytes: the kernel takes no longer one for a socket; got "${settings.runDir}".`,
    );
  for (const pattern of settings.control) {
    const fault = patternFault(pattern);
    if (fault) throw new SettingsError(`--control wants patterns of group paths, such as '/docker/**'; "${pattern}" ${fault}.`);
  }
  const relative = settings.share.find((path) => !path.startsWith('/'));
  if (relative !== undefined) throw new SettingsError(`--share wants absolute paths; got "${relative}".`);
  if (!/^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(settings.networkRange))
    throw new SettingsError(`--network-range wants a network such as ${DEFAULT_NETWORK_RANGE}; got "${settings.networkRange}".`);
  const root = NewGroupPath.safeParse(settings.managedRoot);
  if (!root.success || settings.managedRoot === '/')
    throw new SettingsError(`--root wants a group path such as /cgdeck; got "${settings.managedRoot}".`);
  if (!LOOPBACK.has(settings.listen.host) && !settings.tls && !settings.behindProxy) {
    throw new SettingsError(
      `Listening on ${settings.listen.host} would send tokens unencrypted: add --tls-cert and --tls-key, or --behind-proxy if a proxy provides TLS.`,
    );
  }
  return settings;
}
