// From the POST of a launch to the answer, which comes when the program runs: with every namespace of the default, limits and the read-only root.
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer } from './server.ts';

const SAMPLES = 200;
const WARM_UP = 10;
const MEDIAN_AT_MOST_MS = 10;

export async function bench(ground: Ground): Promise<Figure[]> {
  const server = await BenchServer.start(ground);
  const values: number[] = [];
  for (let i = -WARM_UP; i < SAMPLES; i++) {
    const request = { name: `run${i}`, argv: ['/bin/sleep', '100'], limits: { 'memory.limit_in_bytes': '64M', 'pids.max': 20 } };
    const started = performance.now();
    const { group } = (await server.call('POST', '/launch', request)) as { group: string };
    if (i >= 0) values.push(performance.now() - started);
    await server.call('DELETE', `/groups${group}?kill=true`);
  }
  const median = quantile(values, 0.5);
  return [
    {
      name: 'POST of a launch to the program running',
      cgdeck: `median ${ms(median)}, 99 % ${ms(quantile(values, 0.99))}`,
      comparedWith: `one client, ${SAMPLES} times`,
      target: `median at most ${MEDIAN_AT_MOST_MS} ms`,
      met: median <= MEDIAN_AT_MOST_MS,
    },
  ];
}
