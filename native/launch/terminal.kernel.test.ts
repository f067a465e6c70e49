// The terminal: what the program finds, and what everyone sees who looks at it through the socket.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { args, asNobody, asRoot, Bench, builds, isAlive, type Launch, type Rec, sandbox, sh } from './fixtures/launcher.ts';
import { message, resized, TerminalClient, typed } from './fixtures/terminal-client.ts';

const patience = { timeout: 10_000, interval: 5 };
const REPLAY_BYTES = 64 << 10;
const CLIENTS_MAX = 8;
const shell = (script: string, ...more: string[]): Rec[] => ['tty=1', ...sh(script, ...more)];

describe.each(builds)('a terminal of the monitor $name', (build) => {
  const bench = new Bench(build);
  let clients: TerminalClient[] = [];
  beforeAll(() => bench.prepare(), 120_000);
  afterEach(() => {
    for (const client of clients) client.socket.destroy();
    clients = [];
    bench.endAll();
    expect(bench.takeReports()).toEqual([]);
  });
  afterAll(() => bench.remove());

  async function look(launch: Launch, options?: { reads: boolean }): Promise<TerminalClient> {
    const client = await TerminalClient.connect(`${launch.dir}/tty.sock`, options);
    clients.push(client);
    return client;
  }

  /** One more client, as soon as there is a place for it. */
  async function newcomer(launch: Launch, words: string): Promise<TerminalClient> {
    for (;;) {
      const client = await look(launch);
      if ((await Promise.race([client.closed, client.sees(words)])) === undefined) return client;
    }
  }

  const resident = (launch: Launch) =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${launch.launcher.pid}/status`, 'utf8'))?.[1] ?? Number.NaN);

  describe('in the program', () => {
    test.each([
      ['in namespaces of its own', sandbox],
      ['as nobody', asNobody],
      ['as root', asRoot],
    ])('is its stdin, stdout, stderr and controlling terminal: %s', async (_how, ids) => {
      const script = 'for fd in 0 1 2; do [ -t $fd ] && echo $fd; done; echo through /dev/tty > /dev/tty; ls -1 /proc/$$/fd; :';
      const launch = await bench.run([...ids, ...shell(script)]);
      expect(launch.output).toBe('0\r\n1\r\n2\r\nthrough /dev/tty\r\n0\r\n1\r\n2\r\n');
      expect(new Set(launch.chunks.map((chunk) => chunk.stream))).toEqual(new Set([0]));
      expect(launch.exit.code).toBe(0);
    });

    test('belongs to its ids and to nobody else', async () => {
      const launch = await bench.run(['uid=1234', 'gid=4321', ...shell('stat -L -c "%u %g %a" /proc/self/fd/0')]);
      expect(launch.output).toBe('1234 4321 600\r\n');
    });

    test('has the size that was asked for, or 80 columns and 24 rows', async () => {
      expect((await bench.run([...sandbox, 'winsize=132 43', ...shell('stty size')])).output).toBe('43 132\r\n');
      expect((await bench.run([...sandbox, ...shell('stty size')])).output).toBe('24 80\r\n');
    });

    test('hangs up when the program has ended, on who still holds it', async () => {
      const launch = await bench.start([
        ...asRoot,
        ...shell('trap "" HUP; (sleep 1000) & echo $!; head -c 3000 /dev/zero | tr "\\0" x; exit 4'),
      ]);
      expect(await launch.ended).toBe(0);
      expect(launch.exit.code).toBe(4);
      const [left] = launch.output.split('\r\n');
      expect(launch.output).toBe(`${left}\r\n${'x'.repeat(3000)}`);
      expect(isAlive(Number(left))).toBe(true);
      process.kill(Number(left), 'SIGKILL');
    });

    test('may be closed by a program that goes on, and opened again', async () => {
      const fifo = bench.gate();
      const script = 'tty=$(tty); echo last; exec <&- >&- 2>&-; read x < "$1"; exec > "$tty"; head -c 100000 /dev/zero; echo again; exit 5';
      const launch = await bench.start([...asRoot, ...shell(script, fifo)]);
      const client = await look(launch);
      await client.sees('last');
      client.send(typed('to nobody\n'), resized(10, 10));
      writeFileSync(fifo, 'go\n');
      expect(await client.closed).toBe('end');
      expect(client.text).toContain('again\r\n');
      await launch.ended;
      expect(launch.exit.code).toBe(5);
    });
  });

  describe('through its socket', () => {
    test('shows what was said before, what comes, and the end', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...shell('echo before; read x < "$1"; echo after; exit 3', fifo)]);
      await launch.says('before');
      expect(statSync(`${launch.dir}/tty.sock`)).toMatchObject({ uid: 0 });
      expect(statSync(`${launch.dir}/tty.sock`).mode & 0o777).toBe(0o600);
      const client = await look(launch);
      await client.sees('before\r\n');
      writeFileSync(fifo, 'go\n');
      expect(await client.closed).toBe('end');
      expect(client.text).toBe('before\r\nafter\r\n');
      await launch.ended;
      expect(launch.output).toBe(client.text);
      expect(readdirSync(launch.dir).sort()).toEqual(['exit', 'output']);
    });

    test('is there in a directory whose path is longer than a socket’s address', async () => {
      const dir = `${bench.outputDir()}/${'long'.repeat(50)}`;
      mkdirSync(dir);
      const launch = await bench.start([...asRoot, ...shell('echo far away; exec sleep 1000')], dir);
      const fd = openSync(dir, 'r');
      try {
        const client = await TerminalClient.connect(`/proc/self/fd/${fd}/tty.sock`);
        clients.push(client);
        await client.sees('far away');
        expect(launch.failure).toBeUndefined();
      } finally {
        closeSync(fd);
      }
    });

    test('echoes what is typed, to everyone, and gives it to the program', async () => {
      const launch = await bench.start([...sandbox, ...shell('while read line; do echo "got $line"; done')]);
      const [one, two] = [await look(launch), await look(launch)];
      one.send(typed('hel'), typed(''), typed('lo\n'));
      await two.sees('got hello\r\n');
      two.send(typed('Wört\x7f\x7f\x7förld\n\x04'));
      expect([await one.closed, await two.closed]).toEqual(['end', 'end']);
      expect(one.text).toContain('hello\r\ngot hello\r\n');
      expect(one.text).toContain('got Wörld\r\n');
      expect(two.text).toBe(one.text);
      await launch.ended;
      expect(launch.output).toBe(one.text);
    });

    test('takes messages in any pieces', async () => {
      const launch = await bench.start([
        ...sandbox,
        ...shell('stty -echo; echo ready; while read line; do echo "got $line $(stty size)"; done'),
      ]);
      const client = await look(launch);
      await client.sees('ready');
      client.socket.setNoDelay();
      for (const byte of Buffer.concat([typed('first\n'), resized(77, 33), typed('second\n')])) {
        await new Promise<void>((resolve) => client.socket.write(Buffer.from([byte]), () => resolve()));
      }
      await client.sees('got second 33 77\r\n');
      client.send(resized(11, 22), typed('third\n'), typed('four'), typed('th\n'));
      await client.sees('got fourth 22 11\r\n');
      expect(client.text).toMatch(/got third 22 11\r\n/);
    });

    test('interrupts the foreground program with Ctrl-C', async () => {
      const launch = await bench.start([
        ...asNobody,
        ...shell('trap "echo trapped" INT; sh -c "echo ready; exec sleep 1000"; echo "sleep ended $?"'),
      ]);
      const client = await look(launch);
      await client.sees('ready');
      client.send(typed('\x03'));
      await client.closed;
      expect(client.text).toMatch(/\^C.*sleep ended 130/s);
    });

    test('tells the program of a new size', async () => {
      const script = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.01; done';
      const launch = await bench.start([...sandbox, ...shell(script)]);
      const client = await look(launch);
      await client.sees('ready');
      client.send(resized(100, 50));
      await client.sees('50 100\r\n');
      client.send(resized(65535, 1));
      await client.sees('1 65535\r\n');
    });

    test('gives a newcomer the last 64 KiB', async () => {
      const launch = await bench.start([...sandbox, ...shell('stty -opost; seq 100000; echo done; exec sleep 1000')]);
      await launch.says('done');
      const whole = `${Array.from({ length: 100_000 }, (_, i) => i + 1).join('\n')}\ndone\n`;
      const client = await look(launch);
      await client.sees('done\n');
      expect(client.text).toBe(whole.slice(-REPLAY_BYTES));
    });

    test('shows a reader everything, however much it is', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, 'outputmax=4096', ...shell('stty -opost; read x < "$1"; seq 200000; exit 0', fifo)]);
      const readers = [await look(launch), await look(launch)];
      writeFileSync(fifo, 'go\n');
      const whole = `${Array.from({ length: 200_000 }, (_, i) => i + 1).join('\n')}\n`;
      for (const reader of readers) {
        expect(await reader.closed).toBe('end');
        expect(reader.text === whole).toBe(true);
      }
      await launch.ended;
      expect(whole.endsWith(launch.output)).toBe(true);
    });

    test('takes more input than anything on the way holds, in order, while the program is slow', async () => {
      const whole = Buffer.from(`${Array.from({ length: 60_000 }, (_, i) => i + 1).join('\n')}\n`);
      const file = bench.path(`typed-${build.target}`);
      const fifo = bench.gate();
      const script = 'stty raw -echo; echo ready; read x < "$1"; head -c "$2" > "$3"; echo taken';
      const launch = await bench.start([...asRoot, ...shell(script, fifo, String(whole.length), file)]);
      const [client, other] = [await look(launch), await look(launch)];
      await client.sees('ready');
      for (let at = 0; at < whole.length; at += REPLAY_BYTES) client.send(message('i', whole.subarray(at, at + REPLAY_BYTES)));
      // Still served, although the program takes nothing.
      await other.sees('ready');
      expect(client.socket.writableLength).toBeGreaterThan(0);
      writeFileSync(fifo, 'go\n');
      await other.sees('taken');
      expect(readFileSync(file).equals(whole)).toBe(true);
    });

    test('closes a ninth client, and takes another when one has gone', async () => {
      const launch = await bench.start([...sandbox, ...shell('echo here; exec cat')]);
      for (let i = 0; i < CLIENTS_MAX; i++) await (await look(launch)).sees('here');
      expect(await (await look(launch)).closed).toBe('end');
      clients[3]?.socket.destroy();
      await newcomer(launch, 'here');
      clients[7]?.send(typed('still\n'));
      await clients[0]?.sees('still\r\nstill\r\n');
    });

    const header = (kind: string, length: number, zeros = 0) => {
      const bytes = message(kind, Buffer.alloc(0));
      bytes.writeUInt32LE(length, 4);
      bytes[2] = zeros;
      return bytes;
    };
    test.each<[string, Buffer]>([
      ['an unknown kind', message('x', Buffer.from('x'))],
      ['a kind of zero', Buffer.alloc(8)],
      ['bytes set that are zero', Buffer.concat([header('i', 1, 1), Buffer.from('x')])],
      ['more than 64 KiB announced', header('i', REPLAY_BYTES + 1)],
      ['the longest length there is', header('i', 0xffffffff)],
      ['a size of 3 bytes', message('w', Buffer.alloc(3, 1))],
      ['a size of 5 bytes', message('w', Buffer.alloc(5, 1))],
      ['no columns', resized(0, 24)],
      ['no rows', resized(80, 0)],
      ['text that is no message', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ])('cuts a client off that sends %s, and nobody else', async (_what, bytes) => {
      const launch = await bench.start([...sandbox, ...shell('while read line; do echo "got $line $(stty size)"; done')]);
      const [good, bad] = [await look(launch), await look(launch)];
      bad.send(typed('before\n'), bytes, typed('behind\n'));
      expect(await bad.closed).toMatch(/^(end|ECONNRESET|EPIPE)$/);
      good.send(typed('good\n'));
      await good.sees('got good 24 80\r\n');
      expect(good.text).toContain('got before 24 80\r\n');
      expect(good.text).not.toContain('behind');
    });

    test('cuts a client off that ends in the middle of a message, and serves one that only listens', async () => {
      const launch = await bench.start([...sandbox, ...shell('while read line; do echo "got $line"; done')]);
      const [good, half, quiet] = [await look(launch), await look(launch), await look(launch)];
      half.socket.end(typed('half a message\n').subarray(0, -1));
      expect(await half.closed).toBe('end');
      // A Node socket that ends its side goes on reading until the other side ends.
      quiet.socket.end(typed('goodbye\n'));
      await quiet.sees('got goodbye\r\n');
      good.send(typed('whole\n'));
      await quiet.sees('got whole\r\n');
      expect(good.text).not.toContain('half');
    });

    test('is not disturbed by clients that come and go', async () => {
      const launch = await bench.start([...sandbox, ...shell('stty raw -echo; yes')]);
      for (let round = 0; round < 100; round++) {
        const client = await look(launch, { reads: round % 2 === 0 });
        client.send(typed('x').subarray(0, round % 9));
        client.socket.destroy();
      }
      // While the monitor still finds out that they are gone, it has no place.
      await newcomer(launch, 'y\n');
    });
  });

  describe('with a client that does not read', () => {
    test('goes on without it after a while, and others get everything', async () => {
      const [fifo, marker] = [bench.gate(), bench.path(`flooded-${build.target}`)];
      const script = 'stty -opost; echo ready; read x < "$1"; seq 300000; : > "$2"; read x < "$1"';
      const launch = await bench.start([...asRoot, ...shell(script, fifo, marker)]);
      const [reader, sleeper] = [await look(launch), await look(launch, { reads: false })];
      await reader.sees('ready');
      writeFileSync(fifo, 'go\n');
      await vi.waitFor(() => expect(existsSync(marker)).toBe(true), patience);
      await reader.sees('\n300000\n');
      const whole = `ready\n${Array.from({ length: 300_000 }, (_, i) => i + 1).join('\n')}\n`;
      expect(reader.text === whole).toBe(true);
      // It was cut off: what the kernel still holds for it comes, and then the end, although the terminal goes on.
      sleeper.read();
      expect(await sleeper.closed).toBe('end');
      expect(sleeper.bytes.length).toBeLessThan(whole.length);
      expect(whole.startsWith(sleeper.text)).toBe(true);
      expect(reader.socket.closed).toBe(false);
    });

    test('lets it have what it can take when it begins to read in time', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...shell('stty -opost; read x < "$1"; seq 100000; exit 0', fifo)]);
      const client = await look(launch, { reads: false });
      writeFileSync(fifo, 'go\n');
      await launch.says('\n2000\n');
      client.read();
      expect(await client.closed).toBe('end');
      expect(client.text).toBe(`${Array.from({ length: 100_000 }, (_, i) => i + 1).join('\n')}\n`);
    });

    test('writes the exit record at once, and ends', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...shell('stty -opost; read x < "$1"; seq 20000; exit 7', fifo)]);
      const client = await look(launch, { reads: false });
      writeFileSync(fifo, 'go\n');
      await vi.waitFor(() => expect(launch.exit.code).toBe(7), patience);
      await vi.waitFor(() => expect(isAlive(launch.pid)).toBe(false), patience);
      expect(await launch.ended).toBe(0);
      client.read();
      expect(await client.closed).toBe('end');
    });
  });

  describe('sleeps while nobody has anything new for it:', () => {
    /** Processor time that the monitor takes in half a second; a loop that never sleeps takes most of it. */
    async function busyMs(launch: Launch): Promise<number> {
      const spent = () => Number(readFileSync(`/proc/${launch.launcher.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
      const before = spent();
      await new Promise((resolve) => setTimeout(resolve, 500));
      return spent() - before;
    }

    test('clients that look, half-closed ones too', async () => {
      const launch = await bench.start([...sandbox, ...shell('echo ready; exec sleep 1000')]);
      const [client, half] = [await look(launch), await look(launch)];
      half.socket.end();
      await client.sees('ready');
      expect(await busyMs(launch)).toBeLessThan(50);
    });

    test('a program that has closed its terminal', async () => {
      const launch = await bench.start([...sandbox, ...shell('echo ready; exec sleep 1000 <&- >&- 2>&-')]);
      const client = await look(launch);
      await client.sees('ready');
      client.send(typed('to nobody\n'));
      expect(await busyMs(launch)).toBeLessThan(50);
    });

    test('input that the program does not take', async () => {
      const launch = await bench.start([...sandbox, ...shell('stty raw -echo; echo ready; exec sleep 1000')]);
      const client = await look(launch);
      await client.sees('ready');
      client.send(...Array.from({ length: 10 }, () => message('i', Buffer.alloc(REPLAY_BYTES))));
      await vi.waitFor(() => expect(client.socket.bytesWritten).toBeGreaterThan(0), patience);
      expect(await busyMs(launch)).toBeLessThan(50);
    });

    test('a client that does not read, while the program has much to say', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...shell('read x < "$1"; head -c 100000000 /dev/zero', fifo)]);
      await look(launch, { reads: false });
      writeFileSync(fifo, 'go\n');
      await vi.waitFor(() => expect(launch.bytes.length).toBeGreaterThan(REPLAY_BYTES), patience);
      expect(await busyMs(launch)).toBeLessThan(50);
      expect(isAlive(launch.pid)).toBe(true);
    });
  });

  test('takes a flood without keeping it, and stays small', async () => {
    const script = 'stty -opost; yes | head -c 100000000; echo flooded; exec sleep 1000';
    const launch = await bench.start([...sandbox, 'outputmax=65536', ...shell(script)]);
    await vi.waitFor(() => expect(launch.bytes.subarray(-8).toString()).toBe('flooded\n'), { timeout: 25_000, interval: 20 });
    const [older, newer] = [`${launch.dir}/output.1`, `${launch.dir}/output`];
    expect(statSync(older).size + statSync(newer).size).toBeLessThanOrEqual(131_072);
    if (build.target === 'all') expect(resident(launch)).toBeLessThan(1280);
    // The sanitizer's own memory is around 10 MiB; a hundredth of the flood would show.
    else expect(resident(launch)).toBeLessThan(64 << 10);
  });

  test('stays small whatever its clients send', async () => {
    const launch = await bench.start([...sandbox, ...shell('stty raw -echo; echo ready; exec sleep 1000')]);
    const many = await Promise.all(Array.from({ length: CLIENTS_MAX }, () => look(launch)));
    await many[0]?.sees('ready');
    const full = message('i', Buffer.alloc(REPLAY_BYTES, 'x'));
    for (const client of many) for (let i = 0; i < 20; i++) client.send(full);
    await vi.waitFor(() => expect(many.every((client) => client.socket.writableLength > 0)).toBe(true), patience);
    many[0]?.socket.destroy();
    await newcomer(launch, 'ready');
    if (build.target === 'all') expect(resident(launch)).toBeLessThan(2048);
    expect(isAlive(launch.pid)).toBe(true);
  });

  test('outlives no monitor: the program gets a hangup', async () => {
    const marker = bench.path(`hup-${build.target}`);
    const launch = await bench.start([...asRoot, ...shell('trap ": > $1; exit" HUP; echo ready; while :; do sleep 0.01; done', marker)]);
    await launch.says('ready');
    launch.launcher.kill('SIGKILL');
    await vi.waitFor(() => expect(existsSync(marker)).toBe(true), patience);
  });

  test('does not mind arguments that look like keys', async () => {
    const launch = await bench.run([...sandbox, 'tty=1', ...args('/bin/echo', 'tty=1', 'winsize=1 1')]);
    expect(launch.output).toBe('tty=1 winsize=1 1\r\n');
  });
});
