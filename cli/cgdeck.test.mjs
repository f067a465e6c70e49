// The command line against a server that answers as cgdeck does: what it asks for, what it prints, and how it is refused.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

let server;
let url;
let asked;
let answers;
let folder;

beforeEach(async () => {
  asked = [];
  answers = {
    'GET /api/v1/host': { managedRoot: '/cgdeck' },
    'GET /api/v1/templates/web': { name: 'web', request: { name: 'web', argv: ['/bin/true'] } },
    'POST /api/v1/launch': { group: '/cgdeck/web', pid: 7, network: { address: '10.0.0.2', device: 'cgd0' } },
    'POST /api/v1/stop': { group: '/cgdeck/web', how: 'ended', killed: [], exit: { code: 3 } },
  };
  server = createServer(async (request, response) => {
    const body = request.method === 'GET' ? undefined : await json(request);
    asked.push({ what: `${request.method} ${request.url}`, token: request.headers.authorization, ...(body === undefined ? {} : { body }) });
    const found = answers[`${request.method} ${request.url}`];
    if (typeof found === 'string') response.end(found);
    else response.writeHead(found?.status ?? (found ? 200 : 404)).end(JSON.stringify(found ?? { detail: 'There is no such thing.' }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
  folder = mkdtempSync(join(tmpdir(), 'cgdeck-cli-'));
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

async function run(args, { env = {}, input } = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'cgdeck.mjs'), ...args], {
    env: { PATH: process.env.PATH, CGDECK_URL: url, CGDECK_TOKEN: 'secret', ...env },
  });
  child.stdin.end(input ?? '');
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { out, err, code };
}

describe('launch', () => {
  const request = { name: 'web', argv: ['/bin/sh', '-c', 'echo "é"'], limits: { 'pids.max': 9 } };

  test.each(['file', 'standard input'])('sends the request of a %s as it is, and says what runs', async (from) => {
    const file = join(folder, 'web.json');
    writeFileSync(file, JSON.stringify(request));
    const args = ['launch', '-f', from === 'file' ? file : '-'];
    const { out, code } = await run(args, { input: JSON.stringify(request) });
    expect([out, code]).toEqual(['/cgdeck/web runs as process 7\naddress 10.0.0.2, by cgd0\n', 0]);
    expect(asked).toEqual([{ what: 'POST /api/v1/launch', token: 'Bearer secret', body: request }]);
  });

  test('sends a saved template, under another name if asked', async () => {
    expect((await run(['launch', 'web', '--name', 'web2'])).code).toBe(0);
    expect(asked.at(-1)).toMatchObject({ what: 'POST /api/v1/launch', body: { name: 'web2', argv: ['/bin/true'] } });
  });
});

test('stop finds the group by its name, and says how it ended', async () => {
  expect(await run(['stop', 'web', '--grace', '1.5'])).toEqual({ out: '/cgdeck/web has ended (code 3)\n', err: '', code: 0 });
  expect(asked.at(-1)).toMatchObject({ what: 'POST /api/v1/stop', body: { group: '/cgdeck/web', graceMs: 1500 } });
  answers['POST /api/v1/stop'] = { group: '/other/web', how: 'killed', killed: [7], exit: { signal: 'SIGKILL' } };
  expect((await run(['stop', '/other/web'])).out).toBe('/other/web was killed (SIGKILL)\n');
  expect(asked.at(-1).body).toEqual({ group: '/other/web' });
});

test('output comes as it is', async () => {
  answers['GET /api/v1/output/download?group=%2Fcgdeck%2Fweb&stream=err'] = 'line 1\nliné 2\n';
  expect(await run(['output', 'web', '--stream', 'err'])).toEqual({ out: 'line 1\nliné 2\n', err: '', code: 0 });
});

describe('on a terminal', () => {
  const esc = '\x1b]0;pwned\x07\x1b[2Jall is well\r\n\u202e\ttab\n';

  /** script(1) gives it a terminal, whose output comes here. */
  async function onTerminal(...args) {
    const command = [process.execPath, join(import.meta.dirname, 'cgdeck.mjs'), ...args].map((word) => `'${word}'`).join(' ');
    const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { PATH: process.env.PATH, CGDECK_URL: url, CGDECK_TOKEN: 'secret' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return (await text(child.stdout)).replaceAll('\r\n', '\n');
  }

  beforeEach(() => {
    answers['GET /api/v1/output/download?group=%2Fcgdeck%2Fweb'] = esc;
  });

  test('what a program wrote is shown, and does nothing', async () => {
    expect(await onTerminal('output', 'web')).toBe('^[]0;pwned^G^[[2Jall is well\n<U+202E>\ttab\n');
  });

  test('with --raw it is as it was written', async () => {
    expect(await onTerminal('output', 'web', '--raw')).toBe(esc);
  });

  test('so is what a refusal quotes', async () => {
    answers['POST /api/v1/stop'] = { status: 400, detail: 'It is no time: \x1b[2J.' };
    expect(await onTerminal('stop', 'web')).toBe('It is no time: ^[[2J.\n');
  });

  test('into a pipe it goes as it is', async () => {
    expect((await run(['output', 'web'])).out).toBe(esc);
  });
});

describe('is refused in a sentence, with exit code 1', () => {
  test.each([
    ['without a token', ['stop', '/a'], { env: { CGDECK_TOKEN: '' } }, /CGDECK_TOKEN is not set/],
    ['where nobody listens', ['stop', '/a'], { env: { CGDECK_URL: 'http://127.0.0.1:1' } }, /does not answer at http:\/\/127.0.0.1:1/],
    ['for a template that there is none of', ['launch', 'nope'], {}, /^There is no such thing\.\n$/],
    ['for a file that is not there', ['launch', '-f', '/no/such.json'], {}, /cannot be read: ENOENT/],
    ['for what is no JSON', ['launch', '-f', '-'], { input: '{' }, /is no JSON/],
    ['for a file and a template at once', ['launch', 'web', '-f', '-'], {}, /either a file/],
    ['for a grace that is no time', ['stop', '/a', '--grace', 'soon'], {}, /--grace wants seconds/],
    ['for an unknown command', ['start', 'web'], {}, /^Usage/],
    ['for an unknown flag', ['stop', '--now'], {}, /--now/],
    ['for too few names', ['stop'], {}, /^Usage/],
    ['for what every object has', ['constructor', 'x'], {}, /^Usage/],
  ])('%s', async (_, args, options, sentence) => {
    const { err, code } = await run(args, options);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });

  test('help is no refusal', async () => {
    expect(await run(['--help'])).toMatchObject({ out: expect.stringMatching(/^Usage/), err: '', code: 0 });
  });
});
