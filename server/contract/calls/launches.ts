// The calls about launched programs: start, join, stop, output, network rates, layers and templates.
import { z } from 'zod';
import type { Call } from '../call.ts';
import { GraceMs, JoinRequest, KeptName, LaunchRequest, Rates, Template } from '../launch.ts';
import { Exit, KeptLayer, LaunchAnswer, LaunchId, Layer, OutputChunk, RoutedNetwork } from '../launched.ts';
import { GroupPath } from '../paths.ts';

export const launchCalls = {
  launch: {
    method: 'POST',
    path: '/launch',
    summary: 'Launch a program',
    status: 201,
    role: 'operator',
    params: LaunchRequest,
    answer: LaunchAnswer,
  },
  /** A second program in a running launch's namespaces and group. */
  join: {
    method: 'POST',
    path: '/join',
    summary: 'Run a second program in a launch’s namespaces and group',
    status: 201,
    role: 'operator',
    params: JoinRequest.extend({ group: GroupPath }),
    answer: z.object({ group: z.string(), id: LaunchId, pid: z.number().int(), launchMs: z.number() }),
  },
  /** SIGTERM to the launched program, and after the grace time SIGKILL to the whole group; it is not started again. */
  stop: {
    method: 'POST',
    path: '/stop',
    summary: 'Stop a launched program: SIGTERM, and SIGKILL to the group after the grace time',
    role: 'operator',
    params: z.strictObject({ group: GroupPath, graceMs: GraceMs.optional() }),
    answer: z.object({
      group: z.string(),
      how: z.enum(['ended', 'killed']),
      killed: z.array(z.number()),
      tookMs: z.number(),
      exit: Exit.optional(),
    }),
  },
  /** The request of a launch as it was made, environment included. */
  launchRequest: {
    method: 'GET',
    path: '/launch-request',
    summary: 'The request of a launch, to launch it again',
    role: 'operator',
    params: z.strictObject({ group: GroupPath }),
    answer: LaunchRequest,
  },
  /** The last 1 MiB that a launched process wrote, or what it has written since. */
  output: {
    method: 'GET',
    path: '/output',
    summary: 'The end of what a launched program wrote',
    role: 'viewer',
    params: z.strictObject({
      group: GroupPath,
      id: LaunchId.default('main'),
      /** Where to go on, as an answer said it in `next`. */
      after: z
        .string()
        .regex(/^\d{1,20}:\d{1,15}(?::(?:tty|out|err)=(?:[0-9a-f]{2}){1,3}){0,3}$/, 'is no place that an answer named')
        .optional(),
    }),
    answer: z.object({
      group: z.string(),
      id: LaunchId,
      tty: z.boolean(),
      chunks: z.array(OutputChunk),
      /** Bytes of output in `chunks`, and on disk (with its headers, where that is more). */
      bytes: z.number(),
      keptBytes: z.number(),
      /** Whether it wrote more than is kept on disk. */
      truncated: z.boolean(),
      /** Whether the chunks go on where `after` said; otherwise they are the last 1 MiB of all. */
      continues: z.boolean(),
      /** What to say as `after` the next time; absent where nothing was written yet. */
      next: z.string().optional(),
    }),
  },
  /** All that is on disk, piece by piece, without times: for a download. */
  outputPart: {
    method: 'GET',
    path: '/output/download',
    summary: 'All that is kept of a launched program’s output, as a file',
    role: 'viewer',
    params: z.strictObject({
      group: GroupPath,
      id: LaunchId.default('main'),
      stream: z.enum(['all', 'out', 'err']).default('all'),
      /** Where to go on, as an answer said it; left out: from the beginning. */
      at: z
        .string()
        .regex(/^\d{1,20}:\d{1,15}$/, 'is no place that an answer named')
        .optional(),
    }),
    /** `next` is absent at the end. */
    answer: z.object({ base64: z.string(), next: z.string().optional() }),
  },
  /** How fast a routed network may be, both ways; a rate that is left out stays, null lifts it. */
  setRates: {
    method: 'PUT',
    path: '/rates',
    summary: 'Set how fast a routed network may be, both ways',
    role: 'operator',
    params: z.strictObject({ group: GroupPath, rates: Rates }),
    answer: RoutedNetwork,
  },
  /** What a launch has written to its layer, or what a kept one holds. */
  layer: {
    method: 'GET',
    path: '/layer',
    summary: 'What a launch wrote to its layer, or a kept one holds',
    role: 'viewer',
    params: z.union([z.strictObject({ group: GroupPath }), z.strictObject({ name: KeptName })]),
    answer: Layer,
  },
  layers: {
    method: 'GET',
    path: '/layers',
    summary: 'Kept layers',
    role: 'viewer',
    params: z.strictObject({}),
    answer: z.object({ layers: z.array(KeptLayer) }),
  },
  /** Keeps a launch's layer under a name once it has ended; otherwise it goes with the group. */
  keepLayer: {
    method: 'POST',
    path: '/layers',
    summary: 'Keep what a launch wrote',
    status: 201,
    role: 'operator',
    params: z.strictObject({ group: GroupPath, name: KeptName }),
    answer: KeptLayer,
  },
  dropLayer: {
    method: 'DELETE',
    path: '/layers/{name}',
    summary: 'Delete a kept layer',
    role: 'operator',
    params: z.strictObject({ name: KeptName }),
    answer: z.strictObject({}),
  },
  templates: {
    method: 'GET',
    path: '/templates',
    summary: 'Saved launch requests',
    role: 'viewer',
    params: z.strictObject({}),
    answer: z.object({ templates: z.array(z.object({ name: KeptName, savedAt: z.number() })) }),
  },
  template: {
    method: 'GET',
    path: '/templates/{name}',
    summary: 'One saved launch request',
    role: 'operator',
    params: z.strictObject({ name: KeptName }),
    answer: Template,
  },
  saveTemplate: {
    method: 'PUT',
    path: '/templates/{name}',
    summary: 'Save a launch request',
    body: 'request',
    role: 'operator',
    params: Template,
    answer: Template,
  },
  removeTemplate: {
    method: 'DELETE',
    path: '/templates/{name}',
    summary: 'Delete a saved launch request',
    role: 'operator',
    params: z.strictObject({ name: KeptName }),
    answer: z.strictObject({}),
  },
} as const satisfies Record<string, Call>;
