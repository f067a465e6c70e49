// The command line against a made-up server: its requests, its output, its refusals.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestOf } from '../server/contract/address.ts';
import { calls as table, webCalls } from '../server/contract/calls.ts';
import { openApiRoute } from '../server/web/openapi.ts';

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
    const body = ['GET', 'DELETE'].includes(request.method) ? undefined : await json(request);
    const key = request.headers['idempotency-key'];
    asked.push({ what: `${request.method} ${request.url}`, token: request.headers.authorization, ...(body === undefined ? {} : { body }) });
    Object.defineProperty(asked.at(-1), 'key', { value: key });
    const answer = answers[`${request.method} ${request.url}`];
    const found = typeof answer === 'function' ? await answer() : answer;
    if (typeof found === 'string') response.end(found);
    else if (found?.cut) response.writeHead(200, { 'content-length': 100 }).write('x', () => response.destroy());
    else
      response
        .writeHead(found?.status ?? (found ? 200 : 404), { 'content-type': 'application/json' })
        .end(JSON.stringify(found ?? { detail: 'There is no such thing.' }));
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

  test.each(['file', 'standard input'])('sends the request of a %s unchanged and prints what runs', async (from) => {
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

test('stop finds the group by its name and prints how the program ended', async () => {
  expect(await run(['stop', 'web', '--grace', '1.5'])).toEqual({ out: '/cgdeck/web has ended (code 3)\n', err: '', code: 0 });
  expect(asked.at(-1)).toMatchObject({ what: 'POST /api/v1/stop', body: { group: '/cgdeck/web', graceMs: 1500 } });
  answers['POST /api/v1/stop'] = { group: '/other/web', how: 'killed', killed: [7], exit: { signal: 'SIGKILL' } };
  expect((await run(['stop', '/other/web'])).out).toBe('/other/web was killed (SIGKILL)\n');
  expect(asked.at(-1).body).toEqual({ group: '/other/web' });
});

test('a stop is waited for longer than fetch() would, whose patience is shortened here', async () => {
  // Without undici as a package: the class of its agent is that of the global one, which the first fetch makes.
  const patience = `await fetch('data:,');
    const name = Object.getOwnPropertySymbols(globalThis).find(({ description }) => description.startsWith('undici.globalDispatcher'));
    globalThis[name] = new globalThis[name].constructor({ headersTimeout: 100 });`;
  const short = `--import=data:text/javascript,${encodeURIComponent(patience)}`;
  answers['GET /silent'] = () => new Promise(() => {});
  answers['POST /api/v1/stop'] = async () => {
    // Begun later than the stop: once it has given up, a fetch of the stop has too.
    const script = `fetch('${url}/silent').catch((error) => console.log(error.cause.code))`;
    const witness = spawn(process.execPath, [short, '-e', script]);
    expect(await text(witness.stdout)).toBe('UND_ERR_HEADERS_TIMEOUT\n');
    return { group: '/cgdeck/web', how: 'killed', killed: [7], exit: { signal: 'SIGKILL' } };
  };
  const stopped = await run(['stop', 'web', '--grace', '400'], { env: { NODE_OPTIONS: short } });
  expect(stopped).toEqual({ out: '/cgdeck/web was killed (SIGKILL)\n', err: '', code: 0 });
});

test('an act whose answer is lost is repeated with its key; where none comes it is unknown whether it was done', async () => {
  let lost = 0;
  answers['POST /api/v1/stop'] = () =>
    lost++ < 2
      ? { status: 503, code: 'answer_lost', detail: 'Lost.' }
      : { group: '/cgdeck/web', how: 'ended', killed: [], exit: { code: 3 } };
  expect(await run(['stop', 'web'])).toEqual({ out: '/cgdeck/web has ended (code 3)\n', err: '', code: 0 });
  const keys = asked.flatMap(({ what, key }) => (what === 'POST /api/v1/stop' ? [key] : []));
  expect([keys.length, new Set(keys).size, keys[0]]).toEqual([3, 1, expect.stringMatching(/^[\w-]{36}$/)]);
  answers['POST /api/v1/stop'] = { status: 503, code: 'answer_lost', detail: 'Lost.' };
  expect(await run(['stop', 'web'])).toMatchObject({
    err: expect.stringMatching(/^Unknown whether it was done: cgdeck does not answer/),
    code: 1,
  });
});

test('report prints the text for a ticket; what is no number is refused', async () => {
  answers['GET /api/v1/reports/12'] = { report: {}, text: 'web was killed.\n\n  pid 7' };
  expect(await run(['report', '12'])).toEqual({ out: 'web was killed.\n\n  pid 7\n', err: '', code: 0 });
  expect(await run(['report', '13'])).toMatchObject({ err: 'There is no such thing.\n', code: 1 });
  expect(await run(['report', '../host'])).toMatchObject({ err: expect.stringContaining('got "../host"'), code: 1 });
});

test('output is printed unchanged', async () => {
  answers['GET /api/v1/output/download?group=%2Fcgdeck%2Fweb&stream=err'] = 'line 1\nliné 2\n';
  expect(await run(['output', 'web', '--stream', 'err'])).toEqual({ out: 'line 1\nliné 2\n', err: '', code: 0 });
});

test('a reader that has enough ends it without a message', async () => {
  answers['GET /api/v1/output/download?group=%2Fcgdeck%2Fweb'] = 'line\n'.repeat(1_000_000);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'cgdeck.mjs'), 'output', 'web'], {
    env: { PATH: process.env.PATH, CGDECK_URL: url, CGDECK_TOKEN: 'secret' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect([err, code]).toEqual(['', 0]);
});

describe('call', () => {
  let lastAsked;
  beforeEach(async () => {
    const api = fastify();
    openApiRoute(api, '1');
    answers['GET /api/v1/openapi.json'] = (await api.inject('/openapi.json')).json();
    lastAsked = () => {
      const { what, body } = asked.at(-1);
      const [method, path] = what.split(' ');
      return { method, path: path.replace('/api/v1', ''), ...(body === undefined ? {} : { body }) };
    };
  });

  test('"calls" lists every call with its parameters', async () => {
    const { out, code } = await run(['calls']);
    expect(code).toBe(0);
    const names = out.split('\n').flatMap((line) => /^\w+/.exec(line) ?? []);
    expect(names.sort()).toEqual(Object.keys({ ...table, ...webCalls }).sort());
    expect(out).toContain('writeFile path= file= [inode=] value= [replaces=] [mayKill=]\n    Write a control file');
    // A group or a process, not both.
    expect(out).toContain('kill [group=] [inode=] [pid=] [startTicks=] [signal=]\n');
    expect(out).toMatch(/^saveTemplate name= \[replaces=\] argv= /m);
  });

  test.each([
    ['host', {}],
    ['group', { path: '/' }],
    ['group', { path: '/cgdeck/a b/ü' }],
    ['readFile', { path: '/', file: 'memory.stat' }],
    ['writeFile', { path: '/cgdeck/web', file: 'memory.max', value: '64M' }],
    ['writeFile', { path: '/cgdeck/web', file: 'pids.max', value: 9, mayKill: true }],
    ['removeGroup', { path: '/cgdeck/web', kill: true }],
    ['history', { group: '/cgdeck/web', reading: ['pids.current', 'memory.current'], from: 1.5 }],
    ['setDevices', { group: '/cgdeck/web', rules: null }],
    ['saveTemplate', { name: '7', request: { name: 'web', argv: ['/bin/true', '1'] } }],
    ['saveTemplate', { name: 'web', request: { name: 'web', argv: ['/bin/true'] }, replaces: 1790000000000 }],
    ['setGuard', { pattern: '/a/*', plan: { line: '90%' }, replaces: { line: '80%' } }],
    ['removeGuard', { pattern: '/a/*', replaces: { line: '80%', steps: [] } }],
    ['kill', { pid: 7, signal: 'SIGHUP' }],
    ['login', { token: '123' }],
  ])('%s makes the request of the table of calls: %j', async (name, params) => {
    const wanted = requestOf({ ...table, ...webCalls }[name], params);
    const { request, ...flat } = params;
    answers[`${wanted.method} /api/v1${wanted.path}`] = { done: true };
    const given = Object.entries(flat).map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
    const result = await run(['call', name, ...given, ...(request ? ['-f', '-'] : [])], { input: JSON.stringify(request) });
    expect(result).toEqual({ out: '{\n  "done": true\n}\n', err: '', code: 0 });
    expect(lastAsked()).toEqual(wanted);
  });

  test('an act names the group as it is when the command begins, unless an inode is given', async () => {
    answers['GET /api/v1/groups/cgdeck/web'] = { path: '/cgdeck/web', inode: 77 };
    answers['POST /api/v1/freeze'] = { state: 'frozen' };
    answers['DELETE /api/v1/groups/cgdeck/web?inode=77'] = { group: '/cgdeck/web', killed: [] };
    expect((await run(['call', 'freeze', 'group=web'])).code).toBe(0);
    expect(lastAsked().body).toEqual({ group: '/cgdeck/web', inode: 77 });
    expect((await run(['call', 'freeze', 'group=web', 'inode=5'])).code).toBe(0);
    expect(lastAsked().body).toEqual({ group: '/cgdeck/web', inode: 5 });
    expect((await run(['call', 'removeGroup', 'path=web'])).code).toBe(0);
    expect((await run(['stop', 'web'])).code).toBe(0);
    expect(lastAsked().body).toEqual({ group: '/cgdeck/web', inode: 77 });
  });

  test('a template that is given no other launch name has its own', async () => {
    answers['PUT /api/v1/templates/web'] = { name: 'web' };
    expect((await run(['call', 'saveTemplate', 'name=web', 'argv=["/bin/true"]'])).code).toBe(0);
    expect(lastAsked().body).toEqual({ name: 'web', argv: ['/bin/true'] });
  });

  test('a group’s name is below the managed root, and a number that is not exact stays text', async () => {
    answers['PUT /api/v1/files/cgdeck/web/memory.max'] = { new: 'max' };
    expect((await run(['call', 'writeFile', 'path=web', 'file=memory.max', 'value=9223372036854771712'])).code).toBe(0);
    expect(lastAsked().body).toEqual({ value: '9223372036854771712' });
  });

  test('an answer that is a file is printed unchanged', async () => {
    answers['GET /api/v1/output/download?group=%2Fcgdeck%2Fweb'] = 'a\nb';
    expect(await run(['call', 'outputPart', 'group=web'])).toEqual({ out: 'a\nb', err: '', code: 0 });
  });

  test.each([
    ['for an unknown call', ['reboot'], /no call "reboot"/],
    ['for a parameter without a value', ['freeze', 'group'], /PARAMETER=VALUE, got "group"/],
    ['without a parameter of the path', ['readFile', 'path=/a'], /readFile needs file=/],
    ['by the server', ['freeze', 'group=/a'], /^There is no such thing\.\n$/],
  ])('is refused %s', async (_, args, sentence) => {
    expect(await run(['call', ...args])).toMatchObject({ out: '', err: expect.stringMatching(sentence), code: 1 });
  });
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

  test('control characters in output are shown and have no effect', async () => {
    expect(await onTerminal('output', 'web')).toBe('^[]0;pwned^G^[[2Jall is well\n<U+202E>\ttab\n');
  });

  test('with --raw they are unchanged', async () => {
    expect(await onTerminal('output', 'web', '--raw')).toBe(esc);
  });

  test('those in a refusal are shown too', async () => {
    answers['POST /api/v1/stop'] = { status: 400, detail: 'It is no time: \x1b[2J.' };
    expect(await onTerminal('stop', 'web')).toBe('It is no time: ^[[2J.\n');
  });

  test('into a pipe they are unchanged', async () => {
    expect((await run(['output', 'web'])).out).toBe(esc);
  });
});

describe('is refused in a sentence, with exit code 1', () => {
  test.each([
    ['without a token', ['stop', '/a'], { env: { CGDECK_TOKEN: '' } }, /CGDECK_TOKEN is not set/],
    ['where no server listens', ['stop', '/a'], { env: { CGDECK_URL: 'http://127.0.0.1:1' } }, /does not answer at http:\/\/127.0.0.1:1/],
    ['for an unknown template', ['launch', 'nope'], {}, /^There is no such thing\.\n$/],
    ['for a missing file', ['launch', '-f', '/no/such.json'], {}, /cannot be read: ENOENT/],
    ['for invalid JSON', ['launch', '-f', '-'], { input: '{' }, /is not JSON/],
    ['for a file and a template at once', ['launch', 'web', '-f', '-'], {}, /either a file/],
    ['for a grace time that is no number', ['stop', '/a', '--grace', 'soon'], {}, /--grace wants seconds/],
    ['for JSON that is no object', ['launch', '-f', '-'], { input: '[]' }, /has no JSON object/],
    ['for an address that is none', ['stop', '/a'], { env: { CGDECK_URL: 'here' } }, /^CGDECK_URL is "here"/],
    ['for a token that no header can carry', ['stop', '/a'], { env: { CGDECK_TOKEN: 'é\n' } }, /^CGDECK_TOKEN has characters/],
    ['for a server that is not cgdeck', ['stop', 'web'], { given: { 'GET /api/v1/host': 'Welcome!' } }, /did not answer as cgdeck does/],
    ['for an answer that is cut off', ['stop', 'web'], { given: { 'GET /api/v1/host': { cut: true } } }, /did not answer as cgdeck/],
    ['for a server of another protocol', ['stop', '/a'], { given: { 'POST /api/v1/stop': { status: 101 } } }, /does not answer at/],
  ])('%s', async (_, args, { given, ...options }, sentence) => {
    Object.assign(answers, given);
    const { err, code } = await run(args, options);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });
});
