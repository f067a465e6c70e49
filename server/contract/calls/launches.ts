// The calls about launched programs: start, join, stop, output, network rates, layers and templates.
import { z } from 'zod';
import { addresses } from '../addresses.ts';
import type { Call } from '../call.ts';
import { GraceMs, JoinRequest, KeptName, LaunchRequest, Rates, SavedAt, SavedTemplate, Template } from '../launch.ts';
import { Exit, KeptLayer, LaunchAnswer, LaunchId, Layer, OutputChunk, RoutedNetwork } from '../launched.ts';
import { GroupPath, Inode } from '../path-schemas.ts';

/** The launch that is meant: its group, by its path alone, or with its inode. */
const Group = { group: GroupPath, inode: Inode.optional() };

export const launchCalls = {
  launch: {
    ...addresses.launch,
    summary: 'Launch a program',
    status: 201,
    params: LaunchRequest,
    answer: LaunchAnswer,
  },
  join: {
    ...addresses.join,
    summary: 'Run a second program in a launch’s namespaces and group',
    status: 201,
    params: JoinRequest.extend(Group),
    answer: z.object({ group: z.string(), id: LaunchId, pid: z.number().int(), launchMs: z.number() }),
  },
  stop: {
    ...addresses.stop,
    summary: 'Stop a launched program for good: SIGTERM, and after the grace time SIGKILL to the whole group',
    params: z.strictObject({ ...Group, graceMs: GraceMs.optional() }),
    answer: z.object({
      group: z.string(),
      how: z.enum(['ended', 'killed']),
      killed: z.array(z.number()),
      tookMs: z.number(),
      exit: Exit.optional(),
    }),
  },
  launchRequest: {
    ...addresses.launchRequest,
    summary: 'The original request of a launch, environment included',
    params: z.strictObject({ group: GroupPath }),
    answer: LaunchRequest,
  },
  output: {
    ...addresses.output,
    summary: 'The last 1 MiB of a launched program’s output, or what it wrote after an earlier answer',
    params: z.strictObject({
      group: GroupPath,
      id: LaunchId.default('main'),
      /** `next` of an earlier answer: continue from there. */
      after: z
        .string()
        .regex(/^\d{1,20}:\d{1,15}(?::(?:tty|out|err)=(?:[0-9a-f]{2}){1,3}){0,3}$/, 'is not the next of an earlier answer')
        .optional(),
    }),
    answer: z.object({
      group: z.string(),
      id: LaunchId,
      tty: z.boolean(),
      chunks: z.array(OutputChunk),
      /** Bytes of output in `chunks`, and bytes on disk, headers included. */
      bytes: z.number(),
      keptBytes: z.number(),
      /** True if it wrote more than is kept on disk. */
      overwritten: z.boolean(),
      /** True if the chunks are not all that it wrote, or, with `continues`, not all since then. */
      truncated: z.boolean(),
      /** True if the chunks continue from `after`; otherwise they are the last 1 MiB. */
      continues: z.boolean(),
      /** Pass it as `after` in the next call; absent if nothing was written yet. */
      next: z.string().optional(),
    }),
  },
  outputPart: {
    ...addresses.outputPart,
    summary: 'All kept output of a launched program, as a file',
    params: z.strictObject({
      group: GroupPath,
      id: LaunchId.default('main'),
      stream: z.enum(['all', 'out', 'err']).default('all'),
      /** `next` of an earlier answer: continue from there; absent: from the beginning. */
      at: z
        .string()
        .regex(/^\d{1,20}:\d{1,15}$/, 'is not the next of an earlier answer')
        .optional(),
    }),
    /** One part of it; `next` is absent in the last. */
    answer: z.object({ base64: z.string(), next: z.string().optional() }),
  },
  setRates: {
    ...addresses.setRates,
    summary: 'Set the rate limits of a routed network; a rate that is left out does not change, null removes it',
    /** `replaces`: the rates that were seen; where one that is set is another by now, none is changed (changed). */
    params: z.strictObject({ ...Group, rates: Rates, replaces: Rates.optional() }),
    answer: RoutedNetwork,
  },
  layer: {
    ...addresses.layer,
    summary: 'The files of a launch’s layer, or of a kept layer',
    params: z.union([z.strictObject({ group: GroupPath }), z.strictObject({ name: KeptName })]),
    answer: Layer,
  },
  layers: {
    ...addresses.layers,
    summary: 'Kept layers',
    params: z.strictObject({}),
    answer: z.object({ layers: z.array(KeptLayer) }),
  },
  keepLayer: {
    ...addresses.keepLayer,
    summary: 'Keep the layer of an ended launch under a name; otherwise it is removed with the group',
    status: 201,
    params: z.strictObject({ ...Group, name: KeptName }),
    answer: KeptLayer,
  },
  dropLayer: {
    ...addresses.dropLayer,
    summary: 'Delete a kept layer',
    params: z.strictObject({ name: KeptName }),
    answer: z.strictObject({}),
  },
  templates: {
    ...addresses.templates,
    summary: 'Saved launch requests',
    params: z.strictObject({}),
    answer: z.object({ templates: z.array(SavedTemplate.pick({ name: true, savedAt: true })) }),
  },
  template: {
    ...addresses.template,
    summary: 'One saved launch request',
    params: z.strictObject({ name: KeptName }),
    answer: SavedTemplate,
  },
  saveTemplate: {
    ...addresses.saveTemplate,
    summary: 'Save a launch request',
    /** `replaces`: when the one that was seen was saved, 0 for none; if there is another by now, nothing is saved (changed). */
    params: Template.extend({ replaces: SavedAt.optional() }),
    answer: SavedTemplate,
  },
  removeTemplate: {
    ...addresses.removeTemplate,
    summary: 'Delete a saved launch request',
    params: z.strictObject({ name: KeptName, replaces: SavedAt.optional() }),
    answer: z.strictObject({}),
  },
} as const satisfies Record<string, Call>;
