// Parsing /proc/net/dev, with the directions swapped.
import { expect, test } from 'vitest';
import { DeviceCounters, parseDeviceTraffic } from './device-counters.ts';

const TEXT = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 144286851   31463    0    0    0     0          0         0 144286851   31463    0    0    0     0       0          0
cgd1a2b3_0: 100 2 30 4 50 60 70 80 900 10 11 12 13 14 15 16
cgd1a2b3_0a1f:9007199254740991 1    0    0    0     0          0         0        7       1    0    0    0     0       0          0
`;

test('counts what the host’s end transmitted as received by the process', () => {
  const owners = new Map([
    ['cgd1a2b3_0', '/a'],
    ['cgd1a2b3_0a1f', '/b'],
    ['cgd1a2b3_7', '/gone'],
  ]);
  expect(parseDeviceTraffic(TEXT, owners)).toEqual(
    new Map([
      [
        '/a',
        { 'net.rx_bytes': 900, 'net.rx_packets': 10, 'net.rx_dropped': 12, 'net.tx_bytes': 100, 'net.tx_packets': 2, 'net.tx_dropped': 4 },
      ],
      [
        '/b',
        {
          'net.rx_bytes': 7,
          'net.rx_packets': 1,
          'net.rx_dropped': 0,
          'net.tx_bytes': Number.MAX_SAFE_INTEGER,
          'net.tx_packets': 1,
          'net.tx_dropped': 0,
        },
      ],
    ]),
  );
});

test('a line that does not end has been cut, and is left out', () => {
  for (const text of ['x: 1 2 3 4 5 6 7 8 9 10', 'x:']) expect([...parseDeviceTraffic(text, new Map([['x', '/x']])).keys()]).toEqual([]);
});

test.each(['', 'no colon', 'cgd1a2b3_0:', ':::'])('accepts the malformed text %j', (text) => {
  expect([...parseDeviceTraffic(text, new Map([['x', '/x']])).keys()]).toEqual([]);
});

test('reads the file repeatedly', () => {
  const counters = new DeviceCounters();
  const owners = new Map([['lo', '/lo']]);
  for (let i = 0; i < 3; i++) expect(counters.read(owners).get('/lo')?.['net.rx_bytes']).toBeGreaterThanOrEqual(0);
  counters.close();
});
