// Runs every bench, one after another, and prints their figures; what they made is removed, also after a failure or Ctrl-C.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, table } from './figure.ts';
import { Ground } from './ground.ts';

interface BenchModule {
  /** Measures, and may use only groups below the ground's root. */
  readonly bench: (ground: Ground) => Promise<Figure[]>;
}

const wanted = process.argv.slice(2);
const names = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.bench.ts'))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.startsWith(part)));

let ground: Ground | undefined;
const leave = async () => {
  await ground?.remove();
  ground = undefined;
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave().finally(() => process.exit(1)));

const figures: Figure[] = [];
for (const name of names) {
  console.log(`Measuring: ${name.replace('.bench.ts', '')} …`);
  ground = new Ground();
  try {
    const module = (await import(join(import.meta.dirname, name))) as BenchModule;
    figures.push(...(await module.bench(ground)));
  } catch (error) {
    console.error(`${name} failed:`, error);
    process.exitCode = 1;
  } finally {
    await leave();
  }
}
console.log(`\n${table(figures)}`);
process.exit();
