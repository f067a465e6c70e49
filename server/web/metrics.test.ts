// The Prometheus text: names, values, and labels that no group's name can break out of.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { encodeFrame } from '../contract/frame.ts';
import { makeTestWeb, type TestWeb } from './fixtures/test-web.ts';

let web: TestWeb;

beforeEach(async () => {
  web = await makeTestWeb();
});
afterEach(() => web.close());

test('needs a login; a viewer’s is enough', async () => {
  expect((await web.ask('GET', '/metrics')).statusCode).toBe(401);
  expect((await web.ask('GET', '/metrics', 'viewer')).statusCode).toBe(200);
});

test('tells the tick’s health and each group’s readings, what is absent not at all', async () => {
  web.hub.agentConnected(true);
  web.hub.frame(
    encodeFrame({
      host: 'h',
      epoch: 'e',
      seq: 1,
      timeMs: 1,
      monoMs: 1,
      full: true,
      removed: [],
      tick: { intervalMs: 1000, durationMs: 4, late: 2 },
      groups: [
        { gid: 1, path: '/a"b\\c', inode: 1, managed: false, self: false, controllers: [] },
        { gid: 2, path: '/b', inode: 2, managed: false, self: false, controllers: [] },
      ],
      changes: [
        [1, 'memory.usage_in_bytes', 4096],
        [1, 'memory.limit_in_bytes', 'max'],
        [1, 'cpuacct.usage', 2_500_000_000],
        [2, 'pids.current', 3],
        [2, 'cpu.stat:usage_usec', 1_500_000],
      ],
    }),
  );
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
    ]),
  );
  expect(answer.body).not.toContain('cgdeck_group_pids_limit');
  const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  expect(new Set(types).size).toBe(types.length);
});
