// The messages of /api/v1/stream: binary frames, and text for everything else; with ?format=json frames are text too.
import { z } from 'zod';
import { Event, EventGap } from './events.ts';
import type { Frame } from './frame.ts';
import type { GroupMirror } from './mirror.ts';
import type { Readings } from './readings.ts';

/** What a page with the summary sends when it shows another group: it gets that group's detail, at once and with each frame; without a group, none. */
export const DetailRequest = z.object({ type: z.literal('detail'), group: z.string().max(4096).optional() });
export type DetailRequest = z.infer<typeof DetailRequest>;

/** Text messages to all clients. `resync`: frames were skipped, and a full one follows. */
export const StreamMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    host: z.string(),
    role: z.enum(['viewer', 'operator']),
    name: z.string(),
    version: z.string(),
    lastEventId: z.number(),
    intervalMs: z.number(),
    /** To who asks by HTTP: as many streams are open as there may be. */
    full: z.boolean().optional(),
  }),
  z.object({ type: z.literal('event'), event: Event }),
  /** Some of the events before the client connected are no longer kept, or were lost. */
  z.object({ type: z.literal('gap'), gap: EventGap }),
  /** Whether the agent is connected; if not, the readings are stale. */
  z.object({ type: z.literal('agent'), connected: z.boolean() }),
  z.object({ type: z.literal('resync'), skipped: z.number() }),
  z.object({ type: z.literal('beat') }),
]);
export type StreamMessage = z.infer<typeof StreamMessage>;

/** A frame with `?format=json`: the first has all groups, later ones the changes; a removed reading is null. */
export interface JsonFrame {
  readonly type: 'frame';
  readonly host: string;
  /** ms since 1970 */
  readonly time: number;
  readonly seq: number;
  readonly full: boolean;
  readonly groups: Record<string, Record<string, Readings[string] | null>>;
  readonly removed: readonly string[];
}

/** @param mirror the state after the frame @param pathOf the paths of groups that the frame removed */
export function toJsonFrame(frame: Frame, mirror: GroupMirror, pathOf: (gid: number) => string | undefined): JsonFrame {
  const groups: JsonFrame['groups'] = {};
  for (const entry of frame.groups) groups[entry.path] ??= {};
  for (const { key, gids, values } of frame.columns) {
    for (const [i, gid] of gids.entries()) {
      const path = mirror.groups.get(gid)?.entry.path;
      if (path === undefined) continue;
      const readings = groups[path] ?? {};
      readings[key] = values[i] ?? null;
      groups[path] = readings;
    }
  }
  return {
    type: 'frame',
    host: frame.host,
    time: frame.timeMs,
    seq: frame.seq,
    full: frame.full,
    groups,
    removed: frame.removed.map((gid) => pathOf(gid) ?? '').filter((path) => path !== ''),
  };
}
