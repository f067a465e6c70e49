// The program's output as it is on disk: with stream and time, in whole chunks, whatever the limit, the disk or the bytes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Chunk, decodeChunks, HEADER_BYTES } from './fixtures/chunks.ts';
import type { Launch } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, sandbox, sh } from './fixtures/records.ts';

const STDOUT = 1;
const STDERR = 2;

const joined = (chunks: readonly Chunk[]) => Buffer.concat(chunks.map((chunk) => chunk.bytes));
const from = (launch: Launch, stream: number) => joined(launch.chunks.filter((chunk) => chunk.stream === stream)).toString();
const sizeOf = (chunks: readonly Chunk[]) => chunks.reduce((sum, chunk) => sum + HEADER_BYTES + chunk.bytes.length, 0);

describe.each(builds)('the output kept by the monitor $name', (build) => {
  const bench = benchFor(build);

  test('has stdout and stderr apart', async () => {
    const launch = await bench.run([...sandbox, ...sh('echo a; echo b >&2; echo c; printf "no end"; printf "at all" >&2')]);
    expect(from(launch, STDOUT)).toBe('a\nc\nno end');
    expect(from(launch, STDERR)).toBe('b\nat all');
    expect(readdirSync(launch.dir).sort()).toEqual(['exit', 'output']);
  });

  test('has them in their order, with the time of each', async () => {
    const words = ['one', 'two', 'three', 'four', 'five', 'six'];
    const gates = words.map(() => bench.gate());
    const script = 'while [ $# -gt 0 ]; do read word < "$1"; echo $word; read word < "$2"; echo $word >&2; shift 2; done';
    const before = BigInt(Date.now()) * 1000n;
    const launch = await bench.start([...asRoot, ...sh(script, ...gates)]);
    for (const [i, word] of words.entries()) {
      writeFileSync(gates[i] ?? '', `${word}\n`);
      await launch.prints(word);
    }
    await launch.ended;
    expect(launch.chunks.map(({ stream, text }) => [stream, text])).toEqual(
      words.map((word, i) => [i % 2 === 0 ? STDOUT : STDERR, `${word}\n`]),
    );
    const times = [before, ...launch.chunks.map((chunk) => chunk.timeUs), BigInt(Date.now() + 1) * 1000n];
    expect(times.every((time, i) => i === 0 || time >= (times[i - 1] ?? 0n))).toBe(true);
    expect(new Set(times).size).toBe(times.length);
  });

  test('has output before the error that follows it', async () => {
    const launches = Array.from({ length: 20 }, () => bench.run([...asNobody, ...sh('echo output; echo error >&2')]));
    for (const launch of await Promise.all(launches)) expect(launch.output).toBe('output\nerror\n');
  });

  test('is what was written, byte for byte', async () => {
    const every = Buffer.from(Array.from({ length: 256 * 16 }, (_, i) => (i * 7 + (i >> 8)) & 0xff));
    const file = bench.path(`bytes-${build.target}`);
    writeFileSync(file, every);
    const launch = await bench.run([...asNobody, ...sh('cat "$1"; cat "$1" "$1" >&2', file)]);
    expect(joined(launch.chunks.filter((chunk) => chunk.stream === STDOUT)).equals(every)).toBe(true);
    expect(joined(launch.chunks.filter((chunk) => chunk.stream === STDERR)).equals(Buffer.concat([every, every]))).toBe(true);
  });

  test('has the last bytes in two files of whole chunks, whatever was written', async () => {
    const whole = `${Array.from({ length: 2000 }, (_, i) => i + 1).join('\n')}\n`;
    const script = 'seq 1800; i=1800; while [ $i -lt 2000 ]; do i=$((i+1)); echo $i; done';
    const launched = [64, 100, 1000, 4096, whole.length, whole.length + HEADER_BYTES, 1 << 30].map(
      async (max) => [max, await bench.run([...sandbox, `outputmax=${max}`, ...sh(script)])] as const,
    );
    for (const [max, launch] of await Promise.all(launched)) {
      const [older, newer] = [launch.chunksIn('output.1'), launch.chunksIn('output')];
      const kept = joined([...older, ...newer]).toString();
      expect(whole.endsWith(kept), `outputmax=${max}`).toBe(true);
      expect(sizeOf(newer)).toBe(statSync(`${launch.dir}/output`).size);
      expect(Math.max(sizeOf(older), sizeOf(newer))).toBeLessThanOrEqual(max);
      // Full but for less than a header and a byte.
      if (older.length > 0) expect(sizeOf(older)).toBeGreaterThanOrEqual(max - HEADER_BYTES);
      else expect(kept).toBe(whole);
    }
  });

  test('can be read at any moment, over every change of files', async () => {
    const launch = await bench.start([...asNobody, 'outputmax=20000', ...sh('exec 2>&1; while seq -s , 1000 1100; do :; done')]);
    const line = `${Array.from({ length: 101 }, (_, i) => 1000 + i).join(',')}\n`;
    let reads = 0;
    // decodeChunks throws at the first header that is none.
    await vi.waitFor(
      () => {
        for (const chunk of [...launch.chunksIn('output.1'), ...launch.chunksIn('output')]) {
          expect(`${line}${line}`.repeat(200)).toContain(chunk.text);
        }
        if (++reads < 200) throw new Error('not often enough');
      },
      { timeout: 60_000, interval: 1 },
    );
  });

  describe('on a disk of its own', () => {
    let disk = '';
    function mountDisk(size: string): string {
      disk = bench.path(`disk-${build.target}`);
      mkdirSync(disk, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'cgdeck-test', disk]);
      return disk;
    }
    afterEach(() => {
      bench.endAll();
      if (disk !== '') execFileSync('umount', ['-l', disk]);
      disk = '';
    });

    test('writes no part of a chunk that does not fit, and continues when there is room again', async () => {
      const dir = mountDisk('60k');
      const fifo = bench.gate();
      const script = 'head -c 1000000 /dev/zero; echo flooded > "$1"; read x < "$1"; echo later; exit 3';
      const launch = await bench.start([...asRoot, 'outputmax=1000000', ...sh(script, fifo)], dir);
      expect(readFileSync(fifo, 'utf8')).toBe('flooded\n');
      // The disk is full. What of a chunk was written is cut off again, and a read may come in between.
      await vi.waitFor(
        () => {
          const file = readFileSync(`${dir}/output`);
          expect(file.length).toBeGreaterThan(16 << 10);
          expect(sizeOf(decodeChunks(file))).toBe(file.length);
        },
        { timeout: 60_000 },
      );
      execFileSync('mount', ['-o', 'remount,size=1m', disk]);
      writeFileSync(fifo, 'go\n');
      await launch.ended;
      // The last zeros may wait in the pipe until there is room, and are then in one chunk with it.
      expect(launch.output).toMatch(/^\0+later\n$/);
      expect(sizeOf(launch.chunks)).toBe(statSync(`${dir}/output`).size);
      expect(launch.exit.code).toBe(3);
    });

    test('makes room for the exit record', async () => {
      const launch = await bench.run([...asRoot, 'outputmax=40000', ...sh('head -c 1000000 /dev/zero; exit 9')], mountDisk('64k'));
      expect(launch.exit).toMatchObject({ code: 9, pid: launch.pid });
    });
  });

  test('is empty where the program writes nothing', async () => {
    const launch = await bench.run([...sandbox, ...args('/bin/true')]);
    expect(statSync(`${launch.dir}/output`).size).toBe(0);
  });
});
