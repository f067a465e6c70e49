// Parses struct inotify_event as the kernel lays it out.
import { expect, test } from 'vitest';
import { parseInotify } from './tree-watch.ts';

/** One event; the kernel pads the name with NULs to a multiple of 16 bytes. */
function event(watch: number, mask: number, name: string, padTo = 16): Buffer {
  const text = Buffer.from(name);
  const size = name === '' ? 0 : Math.ceil((text.length + 1) / padTo) * padTo;
  const bytes = Buffer.alloc(16 + size);
  bytes.writeInt32LE(watch, 0);
  bytes.writeUInt32LE(mask, 4);
  bytes.writeUInt32LE(size, 12);
  text.copy(bytes, 16);
  return bytes;
}

const CREATE_DIR = 0x40000100;

test.each<[string, Buffer[], { watch: number; mask: number; name: string }[]]>([
  ['nothing', [], []],
  ['a new folder', [event(1, CREATE_DIR, 'web')], [{ watch: 1, mask: CREATE_DIR, name: 'web' }]],
  ['no name', [event(3, 0x8000, '')], [{ watch: 3, mask: 0x8000, name: '' }]],
  ['the queue overflowed', [event(-1, 0x4000, '')], [{ watch: -1, mask: 0x4000, name: '' }]],
  [
    'several, with names of every length',
    [event(1, 2, 'cpu.shares'), event(2, 0x40000200, 'x'.repeat(255)), event(1, 2, '群'), event(9, 2, 'fifteen_letters')],
    [
      { watch: 1, mask: 2, name: 'cpu.shares' },
      { watch: 2, mask: 0x40000200, name: 'x'.repeat(255) },
      { watch: 1, mask: 2, name: '群' },
      { watch: 9, mask: 2, name: 'fifteen_letters' },
    ],
  ],
])('%s', (_, events, parsed) => {
  const bytes = Buffer.concat([...events, Buffer.alloc(64, 0xff)]);
  expect(parseInotify(bytes, bytes.length - 64)).toEqual(parsed);
});

test('the top bit of a mask does not make it negative', () => {
  expect(parseInotify(event(1, 0x80000000, 'a'), 32)[0]?.mask).toBe(0x80000000);
});
