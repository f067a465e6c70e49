// Running a tool: input, output, and the problems for its failures.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProblemError } from '../../../contract/problems.ts';
import { networkRefusal } from './refusals.ts';
import { Tools } from './tools.ts';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'cgdeck-tools-'));
});

afterEach(() => rmSync(dir, { recursive: true }));

function tools(script: string): Tools {
  writeFileSync(join(dir, 'ip'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return new Tools(dir);
}

async function refusal(script: string, lines?: string[]): Promise<ProblemError['problem']> {
  const error = await tools(script)
    .run('ip', ['-batch', '-'], lines === undefined ? {} : { lines })
    .catch((cause: unknown) => networkRefusal('/a', cause));
  if (error instanceof ProblemError) return error.problem;
  throw new Error(`no problem, but ${String(error)}`);
}

test('passes lines and whole arguments in, returns the output, and passes on nothing of our environment', async () => {
  const output = await tools('echo "$# $1"; cat; env | grep -c HOME; echo $LC_ALL').run('ip', ['a "b" $c', 'd'], { lines: ['one', 'two'] });
  expect(output).toBe('2 a "b" $c\none\ntwo\n0\nC\n');
});

test('names the line of a batch that failed', async () => {
  expect(
    await refusal('echo "RTNETLINK answers: File exists" >&2; echo "Command failed -:2" >&2; exit 1', ['link add x', 'address add y']),
  ).toMatchObject({
    code: 'conflict',
    errno: 'EEXIST',
    asked: 'address add y',
    file: join(dir, 'ip'),
    detail: expect.stringContaining(`${join(dir, 'ip')} answered "File exists" to "address add y".`),
  });
});

test.each([
  ['RTNETLINK answers: Operation not permitted', 'kernel_refused', 'EPERM'],
  ['Cannot find device "x"', 'not_found', 'ENODEV'],
  ['Error: Unknown device type.', 'unsupported', 'EOPNOTSUPP'],
  ['Error: Specified qdisc kind is unknown.', 'unsupported', 'EOPNOTSUPP'],
  ['Error: something new', 'kernel_refused', undefined],
])('%s: %s', async (text, code, errno) => {
  const problem = await refusal(`echo '${text}' >&2; exit 2`);
  expect([problem.code, problem.errno]).toEqual([code, errno]);
  expect(problem.detail).toContain(text.replace(/^.*: /, ''));
});

test('reports a tool that was killed, one without a message, and one that is missing', async () => {
  expect(await refusal('kill -9 $$')).toMatchObject({ code: 'busy' });
  expect(await refusal('exit 3')).toMatchObject({ code: 'kernel_refused', detail: expect.stringContaining('"ended with 3"') });
  const missing = await new Tools(dir).run('tc', []).catch((cause: unknown) => networkRefusal('/a', cause));
  expect(missing).toMatchObject({ problem: { code: 'unsupported', detail: expect.stringContaining('tc is not installed') } });
});

test('reports the message of a tool that ends before it has read its input', async () => {
  expect(await refusal('echo "Error: no" >&2; exit 1', Array(100_000).fill('link show'))).toMatchObject({ code: 'kernel_refused' });
});

test('makes a problem of a setting that cannot be written, but not of a bug', () => {
  const cause = Object.assign(new Error('x'), { code: 'EROFS', path: '/proc/sys/net/ipv4/conf/x/rp_filter' });
  expect(networkRefusal('/a', cause)).toMatchObject({ problem: { code: 'kernel_refused', errno: 'EROFS', file: cause.path } });
  const bug = new TypeError('x is undefined');
  expect(networkRefusal('/a', bug)).toBe(bug);
});
