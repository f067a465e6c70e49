// What is an option of the machine, and what belongs to the command.
import { expect, test } from 'vitest';
import { machineFrom } from './arguments.ts';

test('without options', () => {
  expect(machineFrom(['uname', '-r', '--all'])).toEqual({
    kernel: '6.1',
    mode: 'v2',
    swap: true,
    network: true,
    timeoutMs: 600_000,
    processors: 2,
    forward: [],
    writable: [],
    command: ['uname', '-r', '--all'],
  });
});

test('with all of them', () => {
  const args = [
    '--kernel=6.12',
    '--mode',
    'v2',
    '--swap',
    'no',
    '--network=no',
    '--seconds',
    '5',
    '--forward',
    '8081:80',
    '--forward=8082:81',
    '--processors=1',
    '--writable',
    '/a',
    '--writable',
    '/b',
    '--',
    '--odd',
  ];
  expect(machineFrom(args)).toEqual({
    kernel: '6.12',
    mode: 'v2',
    swap: false,
    network: false,
    timeoutMs: 5000,
    processors: 1,
    forward: [
      { host: 8081, guest: 80 },
      { host: 8082, guest: 81 },
    ],
    writable: ['/a', '/b'],
    command: ['--odd'],
  });
});

test.each([
  [['--mode', 'v3', 'true'], '"v3" is none of v2, v1, hybrid'],
  [['--kernel', '7', 'true'], '"7" is none of 6.1, 6.12'],
  [['--seconds', '0', 'true'], '"0" is not a whole number above 0'],
  [['--forward', '80', 'true'], '"" is not a whole number above 0'],
  [['--mode', 'v2'], 'A command to run in the machine is missing'],
  [['--colour', 'red', 'true'], "Unknown option '--colour'"],
])('%j is refused', (args, sentence) => {
  expect(() => machineFrom(args)).toThrow(sentence);
});
