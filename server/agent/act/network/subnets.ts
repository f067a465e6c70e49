// Chooses the /30 for a launch: from one range, and none that the host has an address in or a route to.
import { z } from 'zod';
import { ProblemError } from '../../../contract/problems.ts';

/** Four addresses: the network, the host’s, the process’s, broadcast. */
export const SUBNET_PREFIX = 30;
const SUBNET_ADDRESSES = 2 ** (32 - SUBNET_PREFIX);
/** This has 4,194,304 subnets; a larger range would only cost memory. */
const MIN_RANGE_PREFIX = 8;

/** A range of addresses as unsigned numbers. */
export interface Block {
  readonly first: number;
  readonly last: number;
}

export interface Subnet {
  /** Its position in the range. */
  readonly index: number;
  readonly gateway: string;
  readonly address: string;
}

function addressNumber(text: string): number | undefined {
  const octets = text.split('.');
  if (octets.length !== 4 || !octets.every((octet) => /^\d{1,3}$/.test(octet) && Number(octet) < 256)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** "10.0.0.0/8" or a single address; undefined for anything else ("default", IPv6). */
export function parseBlock(text: string): Block | undefined {
  const [address = '', prefixText = '32', rest] = text.split('/');
  const number = addressNumber(address);
  const prefix = Number(prefixText);
  if (number === undefined || rest !== undefined || !/^\d{1,2}$/.test(prefixText) || prefix > 32) return undefined;
  const size = 2 ** (32 - prefix);
  const first = number - (number % size);
  return { first, last: first + size - 1 };
}

/** @throws ProblemError invalid unless the text is a network with room for a /30 */
export function parseRange(text: string): Block {
  const block = parseBlock(text);
  const size = block === undefined ? 0 : block.last - block.first + 1;
  if (
    block === undefined ||
    size < SUBNET_ADDRESSES ||
    size > 2 ** (32 - MIN_RANGE_PREFIX) ||
    addressText(block.first) !== text.split('/')[0]
  )
    throw new ProblemError(
      'invalid',
      `--network-range wants an IPv4 network for launches with a prefix from /${MIN_RANGE_PREFIX} to /${SUBNET_PREFIX}, such as 10.186.0.0/16; got "${text}".`,
      { asked: text },
    );
  return block;
}

/**
 * The first free subnet at or after position `from`, then from the start.
 * @param indexes used by launches, including those whose devices are not made yet
 * @param blocks in which the host has routes or addresses
 */
export function freeSubnet(range: Block, indexes: Iterable<number>, blocks: Iterable<Block>, from = 0): Subnet | undefined {
  const count = Math.floor((range.last - range.first + 1) / SUBNET_ADDRESSES);
  const taken = new Uint8Array(count);
  for (const index of indexes) taken[index] = 1;
  for (const { first, last } of blocks) {
    if (last < range.first || first > range.last) continue;
    const start = Math.floor((Math.max(first, range.first) - range.first) / SUBNET_ADDRESSES);
    const end = Math.floor((Math.min(last, range.last) - range.first) / SUBNET_ADDRESSES);
    taken.fill(1, start, end + 1);
  }
  const later = taken.indexOf(0, from % count);
  const index = later === -1 ? taken.indexOf(0) : later;
  if (index === -1) return undefined;
  const network = range.first + index * SUBNET_ADDRESSES;
  return { index, gateway: addressText(network + 1), address: addressText(network + 2) };
}

export interface HostRoutes {
  readonly blocks: readonly Block[];
  /** The devices of the default routes. */
  readonly uplinks: readonly string[];
}

/** The needed fields of what `ip -j` prints for a route or a device’s addresses. */
const Entry = z.object({
  dst: z.string().optional(),
  dev: z.string().optional(),
  nexthops: z.array(z.object({ dev: z.string().optional() })).optional(),
  addr_info: z.array(z.object({ local: z.string().optional(), prefixlen: z.number().optional() })).optional(),
});

/** @param output of `ip -j -4 -batch` with "route show table all" and "address show": one array of objects per line */
export function parseHostRoutes(output: string): HostRoutes {
  const blocks: Block[] = [];
  const uplinks = new Set<string>();
  const add = (text: string) => {
    const block = parseBlock(text);
    if (block) blocks.push(block);
  };
  for (const line of output.split('\n')) {
    if (line.trim() === '') continue;
    for (const { dst, dev, nexthops = [], addr_info: addresses = [] } of z.array(Entry).parse(JSON.parse(line))) {
      if (dst === 'default') {
        for (const device of [dev, ...nexthops.map((hop) => hop.dev)]) if (device !== undefined) uplinks.add(device);
      } else if (dst !== undefined) add(dst);
      for (const { local, prefixlen } of addresses) if (local !== undefined) add(`${local}/${prefixlen ?? 32}`);
    }
  }
  return { blocks, uplinks: [...uplinks] };
}
