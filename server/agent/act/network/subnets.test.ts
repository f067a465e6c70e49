// Which /30 a launch gets, and parsing the host’s routes and addresses from ip(8).
import { describe, expect, test } from 'vitest';
import { ProblemError } from '../../../contract/problems.ts';
import { addressText, type Block, freeSubnet, parseBlock, parseHostRoutes, parseRange } from './subnets.ts';

const blocks = (...texts: string[]): Block[] => texts.flatMap((text) => parseBlock(text) ?? []);

test.each([
  ['10.186.0.0/16', '10.186.0.0', '10.186.255.255'],
  ['10.186.3.7/24', '10.186.3.0', '10.186.3.255'],
  ['255.255.255.255', '255.255.255.255', '255.255.255.255'],
  ['192.0.2.9/31', '192.0.2.8', '192.0.2.9'],
  ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
])('%s goes from %s to %s', (text, first, last) => {
  const block = parseBlock(text);
  expect([addressText(block?.first ?? 0), addressText(block?.last ?? 0)]).toEqual([first, last]);
});

test.each([
  '',
  'default',
  'fd00::/64',
  '10.0.0',
  '10.0.0.0.0',
  '10.0.0.256',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  '10.0.0.-1',
  '1e1.0.0.0',
])('"%s" is no block', (text) => expect(parseBlock(text)).toBeUndefined());

test.each(['', 'x', '10.0.0.0', '10.0.0.0/31', '10.0.0.0/7', '10.0.0.1/24', '::/0'])('refuses the range "%s"', (text) => {
  expect(() => parseRange(text)).toThrow(ProblemError);
  expect(() => parseRange(text)).toThrow(/^--network-range wants .*; got "/);
});

describe('the free subnet', () => {
  const range = parseRange('10.186.0.0/28');

  test.each<[string, number[], Block[], number, string | undefined]>([
    ['the first of all', [], [], 0, '10.186.0.2'],
    ['after those in use', [0, 1], [], 0, '10.186.0.10'],
    ['one that was left', [0, 2], [], 0, '10.186.0.6'],
    ['from a place on', [], [], 2, '10.186.0.10'],
    ['from a position beyond the range', [], [], 4 * 1000 + 3, '10.186.0.14'],
    ['around the end', [3], [], 3, '10.186.0.2'],
    ['beside an address of the host', [], blocks('10.186.0.3'), 0, '10.186.0.6'],
    ['beside a larger network', [], blocks('10.186.0.0/29'), 0, '10.186.0.10'],
    ['beside a network that begins before the range', [3], blocks('10.185.255.0/24', '10.186.0.4/30'), 0, '10.186.0.2'],
    ['none within a network of the host', [], blocks('10.0.0.0/8'), 0, undefined],
    ['none when all are in use', [0, 1, 2, 3], [], 1, undefined],
    ['not disturbed by an index outside of the range', [9], [], 0, '10.186.0.2'],
  ])('%s', (_, indexes, taken, from, address) => {
    expect(freeSubnet(range, indexes, taken, from)?.address).toBe(address);
  });

  test('puts the host’s address before the process’s', () => {
    expect(freeSubnet(parseRange('255.255.255.252/30'), [], [])).toEqual({
      index: 0,
      gateway: '255.255.255.253',
      address: '255.255.255.254',
    });
  });

  test('gives each subnet of a range of the usual size once', () => {
    const whole = parseRange('10.186.0.0/16');
    const given = new Set<number>();
    for (let i = 0; i < 200; i++) given.add(freeSubnet(whole, given, [], 16_300)?.index ?? -1);
    expect([given.size, given.has(-1), given.has(16_383), given.has(0)]).toEqual([200, false, true, true]);
  });
});

test('parses the routes of all tables and the addresses', () => {
  const output = [
    '[{"dst":"default","gateway":"192.0.2.1","dev":"eth0","flags":[]},{"dst":"192.0.2.0/24","dev":"eth0","prefsrc":"192.0.2.2"},{"type":"local","dst":"127.0.0.1","dev":"lo","table":"local"},{"dst":"default","nexthops":[{"gateway":"198.51.100.1","dev":"eth1"},{"dev":"eth0"}]},{"type":"unreachable","dst":"203.0.113.0/24"}]',
    '[{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8}]},{},{"ifname":"down0","addr_info":[{"local":"10.186.0.1","prefixlen":30}]}]',
    '',
  ].join('\n');
  expect(parseHostRoutes(output)).toEqual({
    blocks: blocks('192.0.2.0/24', '127.0.0.1', '203.0.113.0/24', '127.0.0.0/8', '10.186.0.0/30'),
    uplinks: ['eth0', 'eth1'],
  });
  expect(parseHostRoutes('[ ]\n[ ]\n')).toEqual({ blocks: [], uplinks: [] });
  expect(() => parseHostRoutes('[{"dst":7}]')).toThrow();
});
