// From the PUT of a limit to the answer with the value that the kernel has now.
import { type Figure, ms, quantile } from './figure.ts';
import type { Ground } from './ground.ts';
import { BenchServer } from './server.ts';

const SAMPLES = 500;
const MIB = 1_048_576;
const MEDIAN_UNDER_MS = 5;

export async function bench(ground: Ground): Promise<Figure[]> {
  const server = await BenchServer.start(ground);
  const group = `${ground.root}/limited`;
  await server.call('POST', '/groups', { path: group });
  const values: number[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const value = (64 + (i % 64)) * MIB;
    const started = performance.now();
    const answer = (await server.call('PUT', `/files${group}/memory.limit_in_bytes`, { value: String(value) })) as { new: string };
    values.push(performance.now() - started);
    if (answer.new !== String(value)) throw new Error(`Asked for ${value}, and the answer has ${answer.new}.`);
  }
  const median = quantile(values, 0.5);
  return [
    {
      name: 'PUT of a limit to the answer',
      cgdeck: `median ${ms(median)}, 99 % ${ms(quantile(values, 0.99))}`,
      comparedWith: `one client, ${SAMPLES} times`,
      target: `median under ${MEDIAN_UNDER_MS} ms`,
      met: median < MEDIAN_UNDER_MS,
    },
  ];
}
