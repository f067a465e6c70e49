// The Prometheus text: names, values, and labels that no group's name can break out of.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type TestFrame, testFrame } from '../contract/fixtures/test-frame.ts';
import { encodeFrame } from '../contract/frame.ts';
import { makeTestWeb, type TestWeb } from './fixtures/test-web.ts';

let web: TestWeb;
let clockMs: number;

beforeEach(async () => {
  clockMs = 0;
  web = await makeTestWeb({ now: () => clockMs });
});
afterEach(() => web.close());

const entry = (gid: number, path: string) => ({ gid, path, inode: gid, managed: false, self: false, controllers: [] });

/** Its first frame is a full one. */
function frame(seq: number, changed: TestFrame): void {
  const head = { host: 'h', epoch: 'e', seq, timeMs: 1, monoMs: 1, full: seq === 1, tick: { intervalMs: 1000, durationMs: 4, late: 2 } };
  web.hub.frame(encodeFrame(testFrame({ ...head, ...changed })));
}

const linesOf = async () => (await web.ask('GET', '/metrics', 'viewer')).body.split('\n');
const seriesValue = async (series: string) => (await linesOf()).find((line) => line.startsWith(`${series} `))?.slice(series.length + 1);

test('needs a login; a viewer’s is enough', async () => {
  expect((await web.ask('GET', '/metrics')).statusCode).toBe(401);
  expect((await web.ask('GET', '/metrics', 'viewer')).statusCode).toBe(200);
});

test('reports the tick’s health and each group’s readings, what is absent not at all', async () => {
  web.hub.agentConnected(true);
  frame(1, {
    groups: [entry(1, '/a"b\\c'), entry(2, '/b')],
    changes: [
      [1, 'memory.usage_in_bytes', 4096],
      [1, 'memory.limit_in_bytes', 'max'],
      [1, 'memory.failcnt', 5],
      [1, 'cpuacct.usage', 2_500_000_000],
      [2, 'pids.current', 3],
      [2, 'cpu.stat:usage_usec', 1_500_000],
      [2, 'memory.events.local:max', 7],
    ],
  });
  const answer = await web.ask('GET', '/metrics', 'viewer');
  expect(answer.headers['content-type']).toContain('version=0.0.4');
  const lines = answer.body.split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'cgdeck_agent_connected 1',
      'cgdeck_tick_duration_seconds 0.004',
      'cgdeck_ticks_late_total 2',
      'cgdeck_groups 2',
      'cgdeck_group_memory_usage_bytes{group="/a\\"b\\\\c"} 4096',
      'cgdeck_group_memory_limit_bytes{group="/a\\"b\\\\c"} +Inf',
      'cgdeck_group_cpu_seconds_total{group="/a\\"b\\\\c"} 2.5',
      'cgdeck_group_cpu_seconds_total{group="/b"} 1.5',
      'cgdeck_group_pids{group="/b"} 3',
      'cgdeck_group_memory_failures_total{group="/a\\"b\\\\c"} 5',
      'cgdeck_group_memory_failures_total{group="/b"} 7',
    ]),
  );
  expect(answer.body).not.toContain('cgdeck_group_pids_limit');
  const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(types).size).toBe(types.length);
});

test('an agent that hangs: the age of its last reading grows, health fails after a few ticks, and no old figure is repeated', async () => {
  web.hub.agentConnected(true);
  frame(1, { groups: [entry(1, '/a')], changes: [[1, 'pids.current', 3]] });
  clockMs = 4_000;
  expect(await seriesValue('cgdeck_last_reading_age_seconds')).toBe('4');
  expect(await seriesValue('cgdeck_group_pids{group="/a"}')).toBe('3');
  expect((await web.ask('GET', '/healthz')).statusCode).toBe(200);
  clockMs = 6_000;
  expect(await seriesValue('cgdeck_last_reading_age_seconds')).toBe('6');
  expect((await linesOf()).join()).not.toContain('cgdeck_group');
  const health = await web.ask('GET', '/healthz');
  expect([health.statusCode, health.json().detail]).toEqual([503, 'The agent has sent no readings for 6 s: readings are stale.']);

  frame(2, { changes: [[1, 'pids.current', 4]] });
  expect(await seriesValue('cgdeck_group_pids{group="/a"}')).toBe('4');
  expect((await web.ask('GET', '/healthz')).statusCode).toBe(200);
  web.hub.agentConnected(false);
  expect((await linesOf()).join()).not.toContain('cgdeck_group');
});

test('OOM kills only grow, and outlive their group', async () => {
  const series = (group: string) => seriesValue(`cgdeck_group_oom_kills_total{group="${group}"}`);
  let id = 0;
  const kill = (group: string, count: number) => web.hub.event({ id: ++id, time: 1, kind: 'oom_kill', group, count });
  web.hub.hello({ type: 'hello', host: 'h', version: 1, epoch: 'e', lastEventId: 0, completeSince: 0 });
  web.hub.agentConnected(true);
  frame(1, {
    groups: [entry(1, '/v1'), entry(2, '/v2'), entry(3, '/no-memory')],
    changes: [
      [1, 'memory.oom_control:oom_kill', 2],
      [2, 'memory.events.local:oom_kill', 0],
    ],
  });
  expect([await series('/v1'), await series('/v2'), await series('/no-memory')]).toEqual(['2', '0', undefined]);
  kill('/v1', 1);
  kill('/v2', 2);
  kill('/gone-before-a-tick', 1);
  frame(2, { removed: [1], changes: [[2, 'memory.events.local:oom_kill', 2]] });
  expect([await series('/v1'), await series('/v2'), await series('/gone-before-a-tick')]).toEqual(['3', '2', '1']);
  // A new group of the same name, whose kernel counts from zero.
  frame(3, { groups: [entry(4, '/v1')], changes: [[4, 'memory.oom_control:oom_kill', 0]] });
  kill('/v1', 1);
  expect(await series('/v1')).toBe('4');
  // The agent had ended, and reports late the events meanwhile.
  web.hub.agentConnected(false);
  web.hub.agentConnected(true);
  frame(1, { epoch: 'f', groups: [entry(1, '/v1')], changes: [[1, 'memory.oom_control:oom_kill', 2]] });
  kill('/v1', 1);
  expect(await series('/v1')).toBe('5');
  expect(Number(await seriesValue('cgdeck_oom_kills_total'))).toBeGreaterThanOrEqual(0);
});

test('of removed groups, so many are kept, the last killed longest', async () => {
  web.hub.hello({ type: 'hello', host: 'h', version: 1, epoch: 'e', lastEventId: 0, completeSince: 0 });
  web.hub.agentConnected(true);
  frame(1, {});
  for (let id = 1; id <= 1_500; id++) web.hub.event({ id, time: 1, kind: 'oom_kill', group: `/g${id}`, count: 1 });
  const kept = (await linesOf()).filter((line) => line.startsWith('cgdeck_group_oom_kills_total{'));
  expect(kept).toHaveLength(1_000);
  expect(kept.at(-1)).toBe('cgdeck_group_oom_kills_total{group="/g1500"} 1');
});
