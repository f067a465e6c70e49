// Programs that people launch, as Debian has them: each sets itself up and works in a launch, without more than it needs.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallInput } from '../contract/calls.ts';
import { sharedAgent } from './fixtures/shared-agent.ts';

const agent = sharedAgent('programs');
/** Where `npm test` unpacks servers (setup/debian.mjs). */
const root = '/usr/local/lib/cgdeck-test-programs/root';
const libraries = ['x86_64', 'aarch64'].map((machine) => `${root}/usr/lib/${machine}-linux-gnu`).join(':');
/** This Node may be below /tmp, of which launches have their own. */
const place = `/srv/cgdeck-test-programs-${process.pid}`;
const node = `${place}/node`;
/** Under emulation and load: databases write much. */
const LIMIT_MS = 120_000;

beforeAll(() => {
  mkdirSync(place, { recursive: true });
  cpSync(process.execPath, node);
});

afterAll(() => rmSync(place, { recursive: true }));

async function works(name: string, script: string, more: Partial<CallInput<'launch'>> = {}): Promise<string> {
  const { code, text } = await agent.run({ name, argv: ['/bin/sh', '-ec', script], ...more });
  expect({ name, code, text: code === 0 ? '' : text }).toEqual({ name, code: 0, text: '' });
  return text;
}

test(
  'git has its settings and commits',
  async () => {
    const script = `git config --global user.name Ann; git config --global user.email ann@example.org
    git init -q /tmp/r; cd /tmp/r; echo 1 > file; git add file; git commit -qm first; git log --format='%an %s'`;
    expect(await works('git', script)).toBe('Ann first\n');
  },
  LIMIT_MS,
);

test(
  'gpg makes a key',
  async () => {
    const script = `gpg --batch --quiet --passphrase '' --quick-generate-key ann@example.org ed25519 2>&1
    echo text | gpg --batch --armor --sign --local-user ann@example.org | head -1`;
    expect(await works('gpg', script)).toContain('-----BEGIN PGP MESSAGE-----');
  },
  LIMIT_MS,
);

test(
  'python makes an environment of its own, and runs in it',
  async () => {
    const script = `/usr/bin/python3 -m venv --without-pip ~/env; ~/env/bin/python -c 'import sys; print(sys.prefix != sys.base_prefix)'`;
    expect(await works('venv', script)).toBe('True\n');
  },
  LIMIT_MS,
);

test(
  'node runs, with a worker',
  async () => {
    const script = `exec '${node}' -e 'new (require("node:worker_threads").Worker)("console.log(6 * 7)", {eval: true})'`;
    expect(await works('node', script)).toBe('42\n');
  },
  LIMIT_MS,
);

test(
  'strace and gdb look at a program',
  async () => {
    expect(await works('strace', 'strace -f -o /tmp/trace sh -c "cat /etc/hostname | cat" > /dev/null; grep -c execve /tmp/trace')).toMatch(
      /^[3-9]/,
    );
    const debug = `sleep 1000 & gdb -q -batch -nx -p $! -ex 'info registers' 2>&1 | grep -cE '^(rip|pc) '; kill $!`;
    expect(await works('gdb', debug)).toBe('1\n');
  },
  LIMIT_MS,
);

test(
  'a program with the address sanitizer runs to its end, and its leaks are found',
  async () => {
    const script = `cd /tmp; echo 'int main(void) { char *volatile lost = __builtin_malloc(7); lost = 0; return 0; }' > a.c
    cc -fsanitize=address -o a a.c; ./a 2>&1 | grep -o '7 byte(s) leaked' | head -1`;
    expect(await works('sanitizer', script)).toBe('7 byte(s) leaked\n');
  },
  LIMIT_MS,
);

/** Without a C library for 32 bits; a compiler may lack that processor, and a kernel too. */
const for32 = `echo 'void _start(void) { __asm__("mov $1, %eax; mov $7, %ebx; int $0x80"); }' | cc -m32 -nostdlib -static -x c - -o`;
const has32 =
  spawnSync('sh', ['-c', `${for32} /tmp/cgdeck-32-$$ && /tmp/cgdeck-32-$$; code=$?; rm -f /tmp/cgdeck-32-$$; exit $code`]).status === 7;

test.runIf(has32)('a 32-bit program runs', async () => {
  expect(await works('bits32', `${for32} /tmp/p; set +e; /tmp/p; echo $?`)).toBe('7\n');
});

test.skipIf(!existsSync(root))(
  'initdb makes a database, whose server answers',
  async () => {
    const bin = `${root}/usr/lib/postgresql/15/bin`;
    const script = `export LD_LIBRARY_PATH='${libraries}' LC_ALL=C; ${bin}/initdb -D ~/data -A trust > /dev/null 2>&1
    echo 'select 6 * 7 as answer' | ${bin}/postgres --single -D ~/data template1 2>/dev/null | grep -o '"42"'`;
    expect(await works('initdb', script, { user: '1000' })).toBe('"42"\n');
  },
  LIMIT_MS,
);

test.skipIf(!existsSync(root))(
  'redis answers',
  async () => {
    const script = `export LD_LIBRARY_PATH='${libraries}'; cd /tmp; ln -s ${root}/usr/bin/redis-check-rdb redis-server
    ./redis-server --unixsocket /tmp/s --port 0 --save '' > log & until [ -S s ]; do kill -0 $! || { cat log; exit 1; }; sleep 0.01; done
    ${root}/usr/bin/redis-cli -s /tmp/s set a 42; ${root}/usr/bin/redis-cli -s /tmp/s get a; kill $!; wait $!`;
    expect(await works('redis', script)).toBe('OK\n42\n');
  },
  LIMIT_MS,
);

test.skipIf(!existsSync(root))(
  'nginx serves a page, also to a worker of another user',
  async () => {
    const script = `cd /tmp; mkdir site; echo hello > site/index.html
    echo 'events {} pid /tmp/pid; error_log /tmp/log; http { access_log off; client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; scgi_temp_path /tmp/s; server { listen 127.0.0.1:8080; root /tmp/site; } }' > conf
    ${root}/usr/sbin/nginx -e /tmp/log -c /tmp/conf || { cat log; exit 1; }
    '${node}' -e 'fetch("http://127.0.0.1:8080/").then((r) => r.text()).then((t) => process.stdout.write(t))'
    ${root}/usr/sbin/nginx -e /tmp/log -c /tmp/conf -s quit`;
    expect(await works('nginx', script, { user: '1000' })).toBe('hello\n');
    const caps = ['CAP_SETUID', 'CAP_SETGID', 'CAP_CHOWN'] as const;
    expect(await works('nginx-workers', script, { capabilities: [...caps] })).toBe('hello\n');
  },
  LIMIT_MS,
);
