// Clients of a terminal, many at once, with invalid messages, or without reading: none delays the program for long, or costs much.
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { endProcess, isAlive, type Launch } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asRoot, sandbox } from './fixtures/records.ts';
import { message, PAYLOAD_MAX, resized, TerminalClients, terminalOf, typed } from './fixtures/terminal-client.ts';

const patience = { timeout: 60_000, interval: 5 };
const CLIENTS_MAX = 64;

describe.each(builds)('clients of a terminal of the monitor $name', { concurrent: true }, (build) => {
  const bench = benchFor(build, { concurrent: true });
  const clients = new TerminalClients();
  afterAll(() => clients.disconnect());

  const resident = (launch: Launch) =>
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${launch.launcher.pid}/status`, 'utf8'))?.[1] ?? Number.NaN);

  test('closes a 65th client, and takes another when one has gone', async () => {
    const launch = await bench.start([...sandbox, ...terminalOf('echo here; exec cat')]);
    const all = await Promise.all(Array.from({ length: CLIENTS_MAX }, () => clients.attach(launch)));
    for (const client of all) await client.receives('here');
    expect(await (await clients.attach(launch)).closed).toBe('end');
    all[3]?.socket.destroy();
    await clients.attachWhenFree(launch, 'here');
    all[7]?.send(typed('still\n'));
    await all[0]?.receives('still\r\nstill\r\n');
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
    ['more than 64 KiB announced', header('i', PAYLOAD_MAX + 1)],
    ['the longest length there is', header('i', 0xffffffff)],
    ['a size of 3 bytes', message('w', Buffer.alloc(3, 1))],
    ['a size of 5 bytes', message('w', Buffer.alloc(5, 1))],
    ['no columns', resized(0, 24)],
    ['no rows', resized(80, 0)],
    ['text that is no message', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ])('disconnects a client that sends %s, and no other', async (_what, bytes) => {
    const launch = await bench.start([...sandbox, ...terminalOf('while read line; do echo "got $line $(stty size)"; done')]);
    const [good, bad] = [await clients.attach(launch), await clients.attach(launch)];
    bad.send(typed('before\n'), bytes, typed('behind\n'));
    expect(await bad.closed).toMatch(/^(end|ECONNRESET|EPIPE)$/);
    good.send(typed('good\n'));
    await good.receives('got good 24 80\r\n');
    expect(good.text).toContain('got before 24 80\r\n');
    expect(good.text).not.toContain('behind');
  });

  test('disconnects a client that ends within a message, and serves one that only reads', async () => {
    const launch = await bench.start([...sandbox, ...terminalOf('while read line; do echo "got $line"; done')]);
    const [good, half, quiet] = [await clients.attach(launch), await clients.attach(launch), await clients.attach(launch)];
    half.socket.end(typed('half a message\n').subarray(0, -1));
    expect(await half.closed).toBe('end');
    // A Node socket that ends its side goes on reading until the other side ends.
    quiet.socket.end(typed('last\n'));
    await quiet.receives('got last\r\n');
    good.send(typed('whole\n'));
    await quiet.receives('got whole\r\n');
    expect(good.text).not.toContain('half');
  });

  test('is not disturbed by clients that connect and disconnect', async () => {
    const launch = await bench.start([...sandbox, ...terminalOf('stty raw -echo; yes')]);
    for (let round = 0; round < 100; round++) {
      const client = await clients.attach(launch, { reads: round % 2 === 0 });
      client.send(typed('x').subarray(0, round % 9));
      client.socket.destroy();
    }
    // While the monitor still finds out that they are gone, it has no place.
    const last = await clients.attachWhenFree(launch, 'y\n');
    // The output has no end, and other tests still run.
    last.socket.destroy();
    endProcess(launch.pid);
  });

  describe('with a client that does not read', () => {
    test('continues without it after a while, and others receive everything', async () => {
      const [fifo, marker] = [bench.gate(), bench.path(`flooded-${build.target}`)];
      const script = 'stty -opost; echo ready; read x < "$1"; seq 300000; : > "$2"; read x < "$1"';
      const launch = await bench.start([...asRoot, ...terminalOf(script, fifo, marker)]);
      const [reader, sleeper] = [await clients.attach(launch), await clients.attach(launch, { reads: false })];
      await reader.receives('ready');
      writeFileSync(fifo, 'go\n');
      await vi.waitFor(() => expect(existsSync(marker)).toBe(true), patience);
      await reader.receives('\n300000\n');
      const whole = `ready\n${Array.from({ length: 300_000 }, (_, i) => i + 1).join('\n')}\n`;
      expect(reader.text === whole).toBe(true);
      // It was disconnected: it receives what the kernel has buffered, and then the end, although the terminal continues.
      sleeper.read();
      expect(await sleeper.closed).toBe('end');
      expect(sleeper.bytes.length).toBeLessThan(whole.length);
      expect(whole.startsWith(sleeper.text)).toBe(true);
      expect(reader.socket.closed).toBe(false);
    });

    test('sends it everything if it begins to read in time', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...terminalOf('stty -opost; read x < "$1"; seq 100000; exit 0', fifo)]);
      const client = await clients.attach(launch, { reads: false });
      writeFileSync(fifo, 'go\n');
      await launch.prints('\n2000\n');
      client.read();
      expect(await client.closed).toBe('end');
      expect(client.text).toBe(`${Array.from({ length: 100_000 }, (_, i) => i + 1).join('\n')}\n`);
    });

    test('writes the exit record at once, and ends', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...terminalOf('stty -opost; read x < "$1"; seq 20000; exit 7', fifo)]);
      const client = await clients.attach(launch, { reads: false });
      writeFileSync(fifo, 'go\n');
      await vi.waitFor(() => expect(launch.exit.code).toBe(7), patience);
      await vi.waitFor(() => expect(isAlive(launch.pid)).toBe(false), patience);
      expect(await launch.ended).toBe(0);
      client.read();
      expect(await client.closed).toBe('end');
    });
  });

  describe('sleeps while there is nothing to do:', () => {
    /** Enough that a loop that never sleeps is seen, within the second after which the monitor looks at a closed terminal again. */
    const reads = 2000 / Number(process.env.CGDECK_TEST_SLOWNESS ?? 1);

    /** Waits until the monitor uses no CPU time while that is read many times. */
    async function isAsleep(launch: Launch): Promise<void> {
      const spent = () => readFileSync(`/proc/${launch.launcher.pid}/schedstat`, 'utf8').split(' ')[0];
      await vi.waitFor(() => {
        const before = spent();
        for (let i = 0; i < reads; i++) expect(spent()).toBe(before);
      }, patience);
    }

    test('connected clients, also half-closed ones', async () => {
      const launch = await bench.start([...sandbox, ...terminalOf('echo ready; exec sleep 1000')]);
      const [client, half] = [await clients.attach(launch), await clients.attach(launch)];
      half.socket.end();
      await client.receives('ready');
      await isAsleep(launch);
    });

    test('a program that has closed its terminal', async () => {
      const launch = await bench.start([...sandbox, ...terminalOf('echo ready; exec sleep 1000 <&- >&- 2>&-')]);
      const client = await clients.attach(launch);
      await client.receives('ready');
      client.send(typed('unread\n'));
      await isAsleep(launch);
    });

    test('input that the program does not take', async () => {
      const launch = await bench.start([...sandbox, ...terminalOf('stty raw -echo; echo ready; exec sleep 1000')]);
      const client = await clients.attach(launch);
      await client.receives('ready');
      client.send(...Array.from({ length: 10 }, () => message('i', Buffer.alloc(PAYLOAD_MAX))));
      await vi.waitFor(() => expect(client.socket.bytesWritten).toBeGreaterThan(0), patience);
      await isAsleep(launch);
    });

    test('a client that does not read, of a program that writes much', async () => {
      const fifo = bench.gate();
      const launch = await bench.start([...asRoot, ...terminalOf('read x < "$1"; head -c 100000000 /dev/zero', fifo)]);
      await clients.attach(launch, { reads: false });
      writeFileSync(fifo, 'go\n');
      await vi.waitFor(() => expect(launch.bytes.length).toBeGreaterThan(PAYLOAD_MAX), patience);
      // Until everything on the way to the client is full, it has something to do.
      await isAsleep(launch);
      expect(isAlive(launch.pid)).toBe(true);
    });
  });

  test('reads a flood without keeping it, and stays small', async () => {
    const script = 'stty -opost; yes | head -c 30000000; echo flooded; exec sleep 1000';
    const launch = await bench.start([...sandbox, 'outputmax=65536', ...terminalOf(script)]);
    await vi.waitFor(() => expect(launch.bytes.subarray(-8).toString()).toBe('flooded\n'), { timeout: 60_000, interval: 20 });
    const [older, newer] = [`${launch.dir}/output.1`, `${launch.dir}/output`];
    expect(statSync(older).size + statSync(newer).size).toBeLessThanOrEqual(131_072);
    if (build.target === 'all') expect(resident(launch)).toBeLessThan(1280);
    // The sanitizer's own memory is around 10 MiB; a hundredth of the flood would show.
    else expect(resident(launch)).toBeLessThan(64 << 10);
  });

  test('stays small whatever its clients send', async () => {
    const launch = await bench.start([...sandbox, ...terminalOf('stty raw -echo; echo ready; exec sleep 1000')]);
    const many = await Promise.all(Array.from({ length: CLIENTS_MAX }, () => clients.attach(launch)));
    await many[0]?.receives('ready');
    const full = message('i', Buffer.alloc(PAYLOAD_MAX, 'x'));
    for (const client of many) for (let i = 0; i < 20; i++) client.send(full);
    await vi.waitFor(() => expect(many.every((client) => client.socket.writableLength > 0)).toBe(true), patience);
    many[0]?.socket.destroy();
    await clients.attachWhenFree(launch, 'ready');
    if (build.target === 'all') expect(resident(launch)).toBeLessThan(1280 + (CLIENTS_MAX + 4) * 64);
    expect(isAlive(launch.pid)).toBe(true);
  });
});
