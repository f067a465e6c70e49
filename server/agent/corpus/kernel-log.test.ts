// The kernel's log as many kernels and machines write it: which kills are found in it.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readCorpus } from '../fixtures/corpus.ts';
import { type KernelLogRecord, parseKernelLog } from '../observe/watch/kernel-log.ts';
import { OomLines } from '../observe/watch/oom-lines.ts';

const cases = readCorpus('kernel-log', {
  /** Those that exist, beside those above them. */
  groups: z.array(z.string()),
  expect: z.array(z.record(z.string(), z.unknown())),
});

/** A line as dmesg shows it, as the record that /dev/kmsg had: of the kernel, with escapes. */
function recordOf(line: string, sequence: number): string {
  const match = /^\[ *(\d+)\.(\d{6})\](?:\[ *(\w+)\])? (.*)$/s.exec(line);
  if (!match) throw new Error(`neither dmesg nor /dev/kmsg: ${line}`);
  const [, seconds, usec, caller, text = ''] = match;
  const escaped = text.replace(/[^ -[\]-~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `6,${sequence},${Number(`${seconds}${usec}`)},-${caller ? `,caller=${caller}` : ''};${escaped}`;
}

function recordsOf(input: string): KernelLogRecord[] {
  const lines = input.replace(/\n$/, '').split('\n');
  return lines.flatMap((line, at) => parseKernelLog(/^\d+,/.test(line) ? line : recordOf(line, at + 1)) ?? []);
}

test.each(cases)('$name: $facts.machine', ({ facts, input }) => {
  const known = new Set([
    '/',
    ...facts.groups.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/') || '/')),
  ]);
  const parser = new OomLines({
    has: (path) => known.has(path),
    isLeaf: (path) => ![...known].some((other) => other.startsWith(`${path}/`)),
  });
  const kills = recordsOf(input).flatMap((record) => parser.take(record) ?? []);
  expect(kills.map(({ sequence: _, timeUsec: __, ...kill }) => kill)).toEqual(facts.expect);
});
