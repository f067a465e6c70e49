// Any bytes as files of /proc: nothing throws, a text that is cut says nothing that the whole one does not, and nothing is negative.
import { assert, bigInt, constantFrom, nat, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { memoryUsage } from '../../contract/derive.ts';
import { readCorpus } from '../fixtures/corpus.ts';
import { parseProcess, parseProcessStat, parseStatus } from '../kernel/files/process-files.ts';
import { parseProcessGroups } from '../kernel/hierarchy/process-groups.ts';
import { parseMeminfo, parseStat } from '../observe/sample/host-sample.ts';

const LONG_BYTES = 10 * 2 ** 20;
const bytes = string({ unit: nat(255).map((code) => String.fromCharCode(code)) });
const anything = z.unknown().optional();
const texts = [
  ...readCorpus('process', { pid: anything, expect: anything }),
  ...readCorpus('host', { expect: anything, usage: anything }),
  ...readCorpus('process-groups', { expect: anything, ended: anything, parts: anything }),
].flatMap(({ inputs }) => [...inputs.values()].map((text) => text.replace(/[^\n]*$/, '')));

/** What each parser finds in a text. */
const parsers: Readonly<Record<string, (text: string) => Map<string, unknown>>> = {
  meminfo: parseMeminfo,
  stat: parseStat,
  cgroup: (text) => parseProcessGroups(text, () => true, new Map()),
  status: (text) => new Map(['Name', 'PPid', 'Uid', 'NSpid', 'VmRSS'].map((name) => [name, parseStatus(text)(name)])),
};

test.each(Object.entries(parsers))('%s: any bytes, and any cut', (_, parse) => {
  assert(property(bytes, (text) => void parse(text)));
  assert(
    property(constantFrom(...texts), nat(2000), (text, at) => {
      const whole = parse(text);
      for (const [key, value] of parse(text.slice(0, at))) if (value !== '') expect(whole.get(key)).toEqual(value);
    }),
  );
});

test.each(Object.entries(parsers))('%s: ten MiB', (_, parse) => {
  for (const part of ['x', 'cpu0 1 2 3 4\n', '1:a:/b\n', 'Name:\tx\n']) parse(part.repeat(Math.ceil(LONG_BYTES / part.length)));
});

test('/proc/<pid>/stat: ten MiB, whatever the name, and cut', () => {
  const numbers = ' 1'.repeat(LONG_BYTES / 2);
  for (const head of ['1 (x) S', `1 (${') '.repeat(LONG_BYTES / 2)}) S`, '1 (x', ''])
    for (const text of [`${head}${numbers}\n`, `${head}${numbers}`]) {
      const status = 'Name:\tx\nPPid:\t2\nUid:\t3\t3\t3\t3\n';
      const isWhole = text.endsWith('\n');
      if (head.endsWith(') S')) {
        expect(parseProcessStat(text)[0]).toBe(isWhole ? 'S' : undefined);
        expect(parseProcess(1, status, text)?.cpuMs).toBe(isWhole ? 20 : undefined);
      } else parseProcess(1, status, text);
    }
});

test('a process is whole or none', () => {
  assert(
    property(bytes, bytes, (status, stat) => {
      expect(parseProcess(1, status, stat)).toBeUndefined();
    }),
  );
});

test('memory usage is never negative, whatever meminfo says', () => {
  const number = bigInt({ min: 0n, max: 2n ** 64n - 1n });
  assert(
    property(number, number, (total, available) => {
      const readings = Object.fromEntries(parseMeminfo(`MemTotal: ${total} kB\nMemAvailable: ${available} kB\n`));
      expect(memoryUsage(readings) ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});
