// The terminal: what the program finds, and what its clients receive through the socket.
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { isAlive } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { args, asNobody, asRoot, sandbox } from './fixtures/records.ts';
import { message, PAYLOAD_MAX, resized, TerminalClients, terminalOf, typed } from './fixtures/terminal-client.ts';

const patience = { timeout: 60_000, interval: 5 };

describe.each(builds)('a terminal of the monitor $name', (build) => {
  const bench = benchFor(build);
  const clients = new TerminalClients();
  afterEach(() => {
    clients.disconnect();
    bench.endAll();
  });

  describe('in the program', () => {
    test.each([
      ['in namespaces of its own', sandbox],
      ['as the user nobody', asNobody],
      ['as root', asRoot],
    ])('is its stdin, stdout, stderr and controlling terminal: %s', async (_how, ids) => {
      const script = 'for fd in 0 1 2; do [ -t $fd ] && echo $fd; done; echo through /dev/tty > /dev/tty; ls -1 /proc/$$/fd; :';
      const launch = await bench.run([...ids, ...terminalOf(script)]);
      expect(launch.output).toBe('0\r\n1\r\n2\r\nthrough /dev/tty\r\n0\r\n1\r\n2\r\n');
      expect(new Set(launch.chunks.map((chunk) => chunk.stream))).toEqual(new Set([0]));
      expect(launch.exit.code).toBe(0);
    });

    test('belongs to its ids only', async () => {
      const launch = await bench.run(['uid=1234', 'gid=4321', ...terminalOf('stat -L -c "%u %g %a" /proc/self/fd/0')]);
      expect(launch.output).toBe('1234 4321 600\r\n');
    });

    test('has the size that was asked for, or 80 columns and 24 rows', async () => {
      expect((await bench.run([...sandbox, 'winsize=132 43', ...terminalOf('stty size')])).output).toBe('43 132\r\n');
      expect((await bench.run([...sandbox, ...terminalOf('stty size')])).output).toBe('24 80\r\n');
    });

    test('hangs up when the program has ended, for processes that still have it open', async () => {
      const launch = await bench.start([
        ...asRoot,
        ...terminalOf('trap "" HUP; (sleep 1000) & echo $!; head -c 3000 /dev/zero | tr "\\0" x; exit 4'),
      ]);
      expect(await launch.ended).toBe(0);
      expect(launch.exit.code).toBe(4);
      const [left] = launch.output.split('\r\n');
      expect(launch.output).toBe(`${left}\r\n${'x'.repeat(3000)}`);
      expect(isAlive(Number(left))).toBe(true);
      process.kill(Number(left), 'SIGKILL');
    });

    test('may be closed by a program that continues, and opened again', async () => {
      const fifo = bench.gate();
      const script = 'tty=$(tty); echo last; exec <&- >&- 2>&-; read x < "$1"; exec > "$tty"; head -c 100000 /dev/zero; echo again; exit 5';
      const launch = await bench.start([...asRoot, ...terminalOf(script, fifo)]);
      const client = await clients.attach(launch);
      await client.receives('last');
      client.send(typed('unread\n'), resized(10, 10));
      writeFileSync(fifo, 'go\n');
      expect(await client.closed).toBe('end');
      expect(client.text).toContain('again\r\n');
      await launch.ended;
      expect(launch.exit.code).toBe(5);
    });
  });

  describe('through its socket', () => {
    test('sends earlier output, new output, and the end', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...terminalOf('echo before; read x < "$1"; echo after; exit 3', fifo)]);
      await launch.prints('before\r\n');
      expect(statSync(`${launch.dir}/tty.sock`)).toMatchObject({ uid: 0 });
      expect(statSync(`${launch.dir}/tty.sock`).mode & 0o777).toBe(0o600);
      const client = await clients.attach(launch);
      await client.receives('before\r\n');
      writeFileSync(fifo, 'go\n');
      expect(await client.closed).toBe('end');
      expect(client.text).toBe('before\r\nafter\r\n');
      expect(client.replayBytes).toBe('before\r\n'.length);
      await launch.ended;
      expect(launch.output).toBe(client.text);
      expect(readdirSync(launch.dir).sort()).toEqual(['exit', 'output']);
    });

    test('is there in a directory whose path is longer than a socket’s address', async () => {
      const dir = `${bench.outputDir()}/${'long'.repeat(50)}`;
      mkdirSync(dir);
      const launch = await bench.start([...asRoot, ...terminalOf('echo far away; exec sleep 1000')], dir);
      const fd = openSync(dir, 'r');
      try {
        const client = await clients.connect(`/proc/self/fd/${fd}/tty.sock`);
        await client.receives('far away');
        expect(launch.failure).toBeUndefined();
      } finally {
        closeSync(fd);
      }
    });

    test('echoes what is typed, to all clients, and passes it to the program', async () => {
      const launch = await bench.start([...sandbox, ...terminalOf('while read line; do echo "got $line"; done')]);
      const [one, two] = [await clients.attach(launch), await clients.attach(launch)];
      one.send(typed('hel'), typed(''), typed('lo\n'));
      await two.receives('got hello\r\n');
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
        ...terminalOf('stty -echo; echo ready; while read line; do echo "got $line $(stty size)"; done'),
      ]);
      const client = await clients.attach(launch);
      await client.receives('ready');
      client.socket.setNoDelay();
      for (const byte of Buffer.concat([typed('first\n'), resized(77, 33), typed('second\n')])) {
        await new Promise<void>((resolve) => client.socket.write(Buffer.from([byte]), () => resolve()));
      }
      await client.receives('got second 33 77\r\n');
      client.send(resized(11, 22), typed('third\n'), typed('four'), typed('th\n'));
      await client.receives('got fourth 22 11\r\n');
      expect(client.text).toMatch(/got third 22 11\r\n/);
    });

    test('interrupts the foreground program with Ctrl-C', async () => {
      const launch = await bench.start([
        ...asNobody,
        ...terminalOf('trap "echo trapped" INT; sh -c "echo ready; exec sleep 1000"; echo "sleep ended $?"'),
      ]);
      const client = await clients.attach(launch);
      await client.receives('ready');
      client.send(typed('\x03'));
      await client.closed;
      expect(client.text).toMatch(/\^C.*sleep ended 130/s);
    });

    test('signals a new size to the program', async () => {
      const script = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.01; done';
      const launch = await bench.start([...sandbox, ...terminalOf(script)]);
      const client = await clients.attach(launch);
      await client.receives('ready');
      client.send(resized(100, 50));
      await client.receives('50 100\r\n');
      client.send(resized(65535, 1));
      await client.receives('1 65535\r\n');
    });

    test('sends a new client the last 64 KiB', async () => {
      const launch = await bench.start([...sandbox, ...terminalOf('stty -opost; seq 100000; echo done; exec sleep 1000')]);
      await launch.prints('done');
      const whole = `${Array.from({ length: 100_000 }, (_, i) => i + 1).join('\n')}\ndone\n`;
      const client = await clients.attach(launch);
      await client.receives('done\n');
      expect(client.text).toBe(whole.slice(-65_536));
      expect(client.replayBytes).toBe(65_536);
    });

    test('sends a client that reads everything, however much it is', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([
        ...asRoot,
        'outputmax=4096',
        ...terminalOf('stty -opost; read x < "$1"; seq 200000; exit 0', fifo),
      ]);
      const readers = [await clients.attach(launch), await clients.attach(launch)];
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
      const launch = await bench.start([...asRoot, ...terminalOf(script, fifo, String(whole.length), file)]);
      const [client, other] = [await clients.attach(launch), await clients.attach(launch)];
      await client.receives('ready');
      for (let at = 0; at < whole.length; at += PAYLOAD_MAX) client.send(message('i', whole.subarray(at, at + PAYLOAD_MAX)));
      // Still served, although the program takes nothing.
      await other.receives('ready');
      expect(client.socket.writableLength).toBeGreaterThan(0);
      writeFileSync(fifo, 'go\n');
      await other.receives('taken');
      expect(readFileSync(file).equals(whole)).toBe(true);
    });
  });

  test('outlives no monitor: the program gets a hangup', async () => {
    const marker = bench.path(`hup-${build.target}`);
    const launch = await bench.start([
      ...asRoot,
      ...terminalOf('trap ": > $1; exit" HUP; echo ready; while :; do sleep 0.01; done', marker),
    ]);
    await launch.prints('ready');
    launch.launcher.kill('SIGKILL');
    await vi.waitFor(() => expect(existsSync(marker)).toBe(true), patience);
  });

  test('does not mind arguments that look like keys', async () => {
    const launch = await bench.run([...sandbox, 'tty=1', ...args('/bin/echo', 'tty=1', 'winsize=1 1')]);
    expect(launch.output).toBe('tty=1 winsize=1 1\r\n');
  });
});
