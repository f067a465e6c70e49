// What a new client of a terminal sees of earlier output that is longer than the replay: compared with a terminal that has seen all of it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import headless from '@xterm/headless';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Launch } from './fixtures/launch.ts';
import { benchFor, builds } from './fixtures/launcher.ts';
import { asRoot } from './fixtures/records.ts';
import { resized, TerminalClients, terminalOf, typed } from './fixtures/terminal-client.ts';

const REPLAY_BYTES = 64 << 10;
const SIZE = { cols: 80, rows: 24 };

const folder = mkdtempSync(join(tmpdir(), 'cgdeck-replay-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A terminal of xterm.js after these bytes. */
async function shown(bytes: Buffer) {
  const terminal = new headless.Terminal({ ...SIZE, allowProposedApi: true, scrollback: 0 });
  await new Promise<void>((resolve) => terminal.write(bytes, resolve));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: SIZE.rows }, (_, row) => active.getLine(row)?.translateToString(true));
  const cell = active.getLine(0)?.getCell(0);
  const colours = [cell?.getFgColor(), cell?.getBgColor(), cell?.isBold(), cell?.isInverse()];
  return { screen: active.type, modes: terminal.modes, colours, lines };
}

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const PRIVATE_MODES = [1, 6, 7, 9, 25, 47, 1000, 1002, 1003, 1004, 1006, 1016, 1047, 1049, 2004];
const PIECES: readonly ((random: () => number) => string)[] = [
  (random) => `\x1b[?${PRIVATE_MODES[Math.floor(random() * PRIVATE_MODES.length)]}${random() < 0.6 ? 'h' : 'l'}`,
  (random) => `\x1b[?${PRIVATE_MODES[Math.floor(random() * PRIVATE_MODES.length)]};25l`,
  (random) => `\x1b[${Math.floor(random() * 110)}m`,
  () => '\x1b[1;38;5;0;7m',
  () => '\x1b[m',
  (random) => `\x1b]0;title ${'€'.repeat(random() * 300)}\x07`,
  () => '\x1bP$q"p\x1b\\',
  () => '\x1b[!p',
  () => '\x1b[2;20r',
  (random) => (random() < 0.5 ? '\x1b=' : '\x1b>'),
  (random) => (random() < 0.5 ? '\x1b(0' : '\x1b(B'),
  (random) => (random() < 0.5 ? '\x1b7' : '\x1b8'),
  (random) => (random() < 0.5 ? '\x1b[s' : '\x1b[u'),
  () => '\x1b[12\x18x',
  () => '\x1b[3\x1b[1m',
  () => '漢字€🙂',
  (random) => 'plain text '.repeat(random() * 40),
];

/** Output of all kinds that ends by clearing the screen and one line, so that what is on it depends on what was set before. */
function outputOf(seed: number): Buffer {
  const random = randomOf(seed);
  let text = '';
  while (text.length < REPLAY_BYTES * 2) text += PIECES[Math.floor(random() * PIECES.length)]?.(random);
  const plain = '.'.repeat(REPLAY_BYTES - 200 + Math.floor(random() * 400));
  return Buffer.from(`${text}${plain}\x1b[2J\x1b[HqxThe last line`);
}

describe.each(builds)('the replay of a terminal of the monitor $name', (build) => {
  const bench = benchFor(build);
  const clients = new TerminalClients();
  afterEach(() => clients.disconnect());

  /** A program that has written all of it, and waits. */
  async function written(bytes: Buffer): Promise<Launch> {
    const file = join(folder, 'output');
    writeFileSync(file, bytes);
    const launch = await bench.start([...asRoot, ...terminalOf('stty -opost -echo; cat "$1"; printf READY; read end', file)]);
    await (await clients.attach(launch)).receives('READY');
    return launch;
  }

  async function replay(launch: Launch): Promise<Buffer> {
    const client = await clients.attach(launch);
    await client.receives('READY');
    return client.bytes.subarray(0, client.replayBytes);
  }

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('leaves the terminal as all of the output does (%i)', async (seed) => {
    const all = outputOf(seed);
    const launch = await written(all);
    expect(await shown(await replay(launch))).toEqual(await shown(Buffer.concat([all, Buffer.from('READY')])));
  });

  test.each([
    ['a character', '🙂', 4],
    ['the title of a window', `\x1b]0;${'x'.repeat(40)}\x07`, 45],
    ['a colour', '\x1b[38;2;100;100;100m', 19],
  ])('does not begin within %s', async (_what, piece, bytes) => {
    for (let cut = 1; cut < bytes; cut += Math.ceil(bytes / 6)) {
      const rest = 'y'.repeat(REPLAY_BYTES - bytes + cut - 'READY'.length);
      const launch = await written(Buffer.from(`${'z'.repeat(1000)}${piece}${rest}`));
      const seen = (await replay(launch)).toString();
      expect(seen.endsWith(`${rest}READY`)).toBe(true);
      expect(seen.slice(0, -(rest.length + 'READY'.length))).toBe(piece.endsWith('m') ? piece : '');
    }
  });

  test('makes a program redraw that uses the whole window, at the size that it had', async () => {
    const script =
      'trap "stty size" WINCH; printf "\\033[?1049h"; head -c 70000 /dev/zero | tr "\\0" x; printf READY; while :; do read line && echo "got $line"; done';
    const launch = await bench.start([...asRoot, 'winsize=90 30', ...terminalOf(script)]);
    const first = await clients.attach(launch);
    await first.receives('READY');
    expect(first.text).not.toContain('30 90');
    const second = await clients.attach(launch);
    second.send(resized(90, 30));
    await second.receives(/READY[\s\S]*30 90\r\n/);
    // A shorter output is complete: nothing has to be redrawn.
    second.send(typed('here\n'));
    await second.receives('got here');
  });
});
