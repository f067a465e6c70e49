// What a launch can have: namespaces, networks and restart policies, in words, and the bounds that forms need to know.

export const namespaceKinds = ['pid', 'mnt', 'uts', 'ipc', 'net', 'cgroup', 'user', 'time'] as const;
export type NamespaceKind = (typeof namespaceKinds)[number];

/** What each namespace isolates (namespaces(7)). */
export const namespaceHelp: Record<NamespaceKind, string> = {
  pid: 'Its own process ids: it sees only its own processes.',
  mnt: 'Its own mounts, and so its own view of the files; its mounts are invisible outside.',
  uts: 'Its own host name.',
  ipc: 'Its own System V IPC and POSIX message queues.',
  net: 'Its own network: only a loopback device, unless it is routed.',
  cgroup: 'Its own view of the groups: its own group appears as the root.',
  user: 'Its own users: root inside is an unprivileged user outside.',
  time: 'Its own clocks of the time since boot: they start at 0.',
};

export const networkModes = ['none', 'host', 'routed'] as const;
export type NetworkMode = (typeof networkModes)[number];
export const networkHelp: Record<NetworkMode, string> = {
  none: 'Only a loopback device: no connections out or in.',
  host: 'The host’s own network, unchanged.',
  routed: 'Its own device and address, routed by the host; its rate can be limited in both directions.',
};

interface NetworkChoice {
  readonly network?: NetworkMode | undefined;
  readonly namespaces: readonly NamespaceKind[];
}

/** A request's network, with the default applied. */
export function networkOf({ network, namespaces }: NetworkChoice): NetworkMode {
  return network ?? (namespaces.includes('net') ? 'none' : 'host');
}

export const restartPolicies = ['never', 'on-failure', 'always'] as const;
export type RestartPolicy = (typeof restartPolicies)[number];

export const MAX_GRACE_MS = 600_000;

/** The name of a template or a kept layer; at most 64 characters. */
export const KEPT_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** How much of the end of the output is shown; more is on disk. */
export const SHOWN_OUTPUT_BYTES = 1024 * 1024;
