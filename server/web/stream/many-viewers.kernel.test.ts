// A thousand viewers on loopback: each gets each tick once, in order, and the group that it shows.
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Change } from '../../contract/columns.ts';
import { decodeFrame, summaryPart } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { eventually } from '../../link/fixtures/eventually.ts';
import { groupEntry, StandInAgent } from '../../link/fixtures/stand-in-agent.ts';
import { OPERATOR, VIEWER } from '../fixtures/test-web.ts';
import { port, sockets, startWith, web } from './fixtures/stream-clients.ts';

const VIEWERS = 1_000;
const GROUPS = 1_000;
const BUSY = 100;
const TICKS = 5;
/** So many groups are shown, each by as many viewers as the others; the rest show the deck. */
const SHOWN = 9;

const USAGE = 'memory.current';
const ANON = 'memory.stat:anon';

const pathOf = (gid: number) => `/g${gid}`;
const valueAt = (gid: number, tick: number) => (gid + tick * 1000) * 4096;
const changesAt = (tick: number, count: number) =>
  Array.from({ length: count }, (_, i) => i + 1).flatMap((gid): Change[] => [
    [gid, USAGE, valueAt(gid, tick)],
    [gid, ANON, valueAt(gid, tick)],
  ]);

async function viewer(group: number): Promise<Buffer[]> {
  const frames: Buffer[] = [];
  const query = group === 0 ? '' : `&group=${encodeURIComponent(pathOf(group))}`;
  const socket = new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream?readings=summary${query}`, {
    headers: { authorization: `Bearer ${VIEWER}` },
  });
  sockets.push(socket);
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) frames.push(data);
  });
  await once(socket, 'open');
  return frames;
}

test(`${VIEWERS} viewers of ${GROUPS} groups each get each tick`, async () => {
  const agent = new StandInAgent('one');
  agent.tick({ groups: Array.from({ length: GROUPS }, (_, i) => groupEntry(i + 1, pathOf(i + 1))), changes: changesAt(0, GROUPS) });
  await startWith(agent);
  const viewers: Buffer[][] = [];
  for (let i = 0; i < VIEWERS; i++) viewers.push(await viewer(i % (SHOWN + 1)));
  expect(web.hub.clients).toBe(VIEWERS);
  await eventually(() => expect(viewers.filter((frames) => frames.length === 1)).toHaveLength(VIEWERS));

  const sent: Uint8Array[] = [];
  for (let tick = 1; tick <= TICKS; tick++) {
    sent.push(agent.tick({ changes: changesAt(tick, BUSY) }));
    await eventually(() => expect(viewers.filter((frames) => frames.length === 1 + tick)).toHaveLength(VIEWERS));
  }
  expect(web.hub.framesSkipped).toBe(0);
  for (const [i, frames] of viewers.entries()) {
    for (const [tick, bytes] of sent.entries()) {
      const summary = summaryPart(bytes);
      expect(frames[tick + 1]?.subarray(0, summary.length).equals(summary)).toBe(true);
    }
    const group = i % (SHOWN + 1);
    if (i > SHOWN) {
      // The same bytes as the first one that shows this group.
      for (const [at, bytes] of frames.entries()) expect(viewers[group]?.[at]?.equals(bytes)).toBe(true);
      continue;
    }
    const mirror = new GroupMirror();
    for (const bytes of frames) expect(mirror.apply(decodeFrame(bytes))).toBe(true);
    expect(mirror.groups.size).toBe(GROUPS);
    expect(mirror.byPath(pathOf(BUSY))?.readings).toEqual({ [USAGE]: valueAt(BUSY, TICKS) });
    if (group > 0)
      expect(mirror.byPath(pathOf(group))?.readings).toEqual({ [USAGE]: valueAt(group, TICKS), [ANON]: valueAt(group, TICKS) });
  }

  // There is still a place for an operator.
  const operator = new WebSocket(`ws://127.0.0.1:${port}/api/v1/stream`, { headers: { authorization: `Bearer ${OPERATOR}` } });
  sockets.push(operator);
  await once(operator, 'message');
});
