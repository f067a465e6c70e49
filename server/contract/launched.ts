// A launch as answered: its process and exit, its network, layer and output.
import { z } from 'zod';
import { KeptName, Rates, StoredRequest } from './launch.ts';
import { namespaceKinds } from './launch-options.ts';

/** A routed network. Device is the host's end; address and gateway are those of the process. */
export const RoutedNetwork = z.object({
  device: z.string(),
  address: z.string(),
  gateway: z.string(),
  prefix: z.number().int(),
  nat: z.boolean(),
  rates: Rates,
});
export type RoutedNetwork = z.infer<typeof RoutedNetwork>;

export const LaunchAnswer = z.object({
  group: z.string(),
  pid: z.number().int(),
  /** From the request's arrival in the agent to the program's exec, in ms. */
  launchMs: z.number(),
  /** Each limit as read back. */
  limits: z.record(z.string(), z.string()),
  /** Limits requested by the other version's names: requested -> written. */
  translated: z.record(z.string(), z.string()).optional(),
  network: RoutedNetwork.optional(),
  /** What the program's files lack although the launch succeeded, a sentence each. */
  notes: z.array(z.string()).optional(),
});
export type LaunchAnswer = z.infer<typeof LaunchAnswer>;

/** How a process ended, and what it used. */
export const Exit = z.object({
  /** Wall clock, ms. */
  time: z.number(),
  code: z.number().optional(),
  signal: z.string().optional(),
  /** From exec to its end. */
  runMs: z.number().optional(),
  /** CPU time of the whole group since the launch, user and system. */
  cpuMs: z.number().optional(),
  /** The group's peak memory; for a program that joined, its own. */
  peakBytes: z.number().optional(),
  /** Processes that it left, and that did not end by SIGTERM within the grace time: they were killed with its pid namespace. */
  killed: z.number().optional(),
  /** The same without a pid namespace: they continue in the group, but their output is not stored any more. */
  left: z.number().optional(),
});
export type Exit = z.infer<typeof Exit>;

/** A launched process, alive or not. */
export const Launched = z.object({
  /** Unique among the launches of a group: "main", or "exec-1" and so on for those that joined. */
  id: z.string(),
  group: z.string(),
  pid: z.number().int(),
  argv: z.array(z.string()),
  namespaces: z.array(z.enum(namespaceKinds)),
  cwd: z.string().optional(),
  tty: z.boolean(),
  startedAt: z.number(),
  /** The request without its environment, which may hold secrets; absent for one that joined. */
  request: StoredRequest.omit({ env: true }).optional(),
  network: RoutedNetwork.optional(),
  /** What its files lack, a sentence each. */
  notes: z.array(z.string()).optional(),
  /** How often it was restarted, when the next restart is due (wall clock, ms), and why the last attempt failed. */
  restarts: z.object({ count: z.number().int(), nextAt: z.number().optional(), problem: z.string().optional() }),
  exit: Exit.optional(),
});
export type Launched = z.infer<typeof Launched>;

/** `main` is the launch itself. */
export const LaunchId = z.string().regex(/^(main|exec-[1-9]\d{0,8})$/, 'is neither main nor exec- with a number');

/** A file of a layer. */
export const LayerFile = z.object({
  path: z.string(),
  /** removed: it hides the file of the root below. */
  change: z.enum(['written', 'removed', 'folder']),
  bytes: z.number(),
});
export const Layer = z.object({ files: z.array(LayerFile), count: z.number().int(), bytes: z.number() });
export type Layer = z.infer<typeof Layer>;
export const KeptLayer = z.object({
  name: KeptName,
  count: z.number().int(),
  bytes: z.number(),
  keptAt: z.number(),
  usedBy: z.array(z.string()),
});
export type KeptLayer = z.infer<typeof KeptLayer>;

/** Where a program's output comes from: a terminal, or stdout and stderr. */
export const outputStreams = ['tty', 'out', 'err'] as const;

export const OutputChunk = z.object({ time: z.number(), stream: z.enum(outputStreams), text: z.string() });
export type OutputChunk = z.infer<typeof OutputChunk>;
