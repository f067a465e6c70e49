// Makes, configures and removes veth pairs between the host and a network namespace (veth(4), ip-link(8)).
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { NetworkNamespace } from './network-namespace.ts';
import { type Rates, rateCommand } from './rates.ts';
import { type HostRoutes, parseHostRoutes } from './subnets.ts';
import { NAMESPACE_PATH, ToolFailure, type Tools } from './tools.ts';

/** The device in the namespace. */
const INSIDE = 'eth0';

/**
 * Settings of the host’s end (the kernel’s ip-sysctl.rst). Strict rp_filter drops packets from any address but the one behind the device,
 * unless net.ipv4.conf.all.rp_filter is 2 (loose): the kernel uses the larger of the two. The others keep the process from changing the
 * host’s routing; IPv6 is off, so that router advertisements are ignored.
 */
const HOST_END_SETTINGS: readonly (readonly [string, string])[] = [
  ['ipv4', 'rp_filter=1'],
  ['ipv4', 'accept_redirects=0'],
  ['ipv4', 'send_redirects=0'],
  ['ipv4', 'accept_source_route=0'],
  ['ipv4', 'route_localnet=0'],
  ['ipv4', 'proxy_arp=0'],
  ['ipv4', 'arp_ignore=1'],
  ['ipv6', 'disable_ipv6=1'],
];

const Link = z.object({ ifname: z.string().optional(), ifalias: z.string().optional() });

export interface LinkPlan {
  readonly device: string;
  readonly alias: string;
  readonly address: string;
  readonly gateway: string;
  readonly prefix: number;
  readonly rates: Rates;
}

export class Links {
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  async hostRoutes(): Promise<HostRoutes> {
    return parseHostRoutes(await this.#tools.run('ip', ['-j', '-4', '-batch', '-'], { lines: ['route show table all', 'address show'] }));
  }

  /**
   * Makes the pair and configures both ends. The host’s end has no carrier, so nothing passes, until the inner end is up.
   * @throws ToolFailure, or the error of writing a setting
   */
  async create({ device, alias, address, gateway, prefix, rates }: LinkPlan, namespace: NetworkNamespace): Promise<void> {
    await this.#tools.run('ip', ['-batch', '-'], {
      namespaceFd: namespace.fd,
      lines: [
        `link add dev ${device} type veth peer name ${INSIDE} netns ${NAMESPACE_PATH}`,
        `link set dev ${device} alias ${alias} addrgenmode none`,
        `address add ${gateway}/${prefix} dev ${device}`,
        `link set dev ${device} up`,
      ],
    });
    for (const [family, setting] of HOST_END_SETTINGS) {
      const [name = '', value = ''] = setting.split('=');
      writeSetting(family, device, name, value);
    }
    const setUp = this.#tools.run('ip', ['-batch', '-'], {
      namespaceFd: namespace.fd,
      inside: true,
      lines: [
        'link set dev lo up',
        `link set dev ${INSIDE} addrgenmode none`,
        `address add ${address}/${prefix} dev ${INSIDE}`,
        `link set dev ${INSIDE} up`,
        `route add default via ${gateway} dev ${INSIDE}`,
      ],
    });
    // The process is still waiting, so its rates apply before it sends anything, in whichever order these end.
    await allEnded([setUp, this.setRates(device, namespace, {}, rates)]);
  }

  /**
   * Limits what each end sends, by a token bucket (tc-tbf(8)). The process’s egress is shaped within its namespace: a queue there delays, and
   * TCP adapts, while policing at the host’s end could only drop, and needs act_police, which many kernels lack. Removing the bucket needs
   * CAP_NET_ADMIN over the namespace, which launches with a rate for egress do not have. Only rates that differ from `before` are written.
   */
  async setRates(device: string, namespace: NetworkNamespace, before: Rates, after: Rates): Promise<void> {
    const work: Promise<void>[] = [];
    if (before.ingressBitsPerSec !== after.ingressBitsPerSec) work.push(this.#rate(device, after.ingressBitsPerSec));
    if (before.egressBitsPerSec !== after.egressBitsPerSec) work.push(this.#rate(INSIDE, after.egressBitsPerSec, namespace));
    await allEnded(work);
  }

  async #rate(device: string, bitsPerSec: number | undefined, namespace?: NetworkNamespace): Promise<void> {
    const lines = [rateCommand(device, bitsPerSec)];
    await this.#tools
      .run('tc', ['-batch', '-'], { lines, ...(namespace === undefined ? {} : { namespaceFd: namespace.fd, inside: true }) })
      // tc’s answer where there is no limit to remove.
      .catch(unless(bitsPerSec === undefined, /handle of zero/));
  }

  /** A device’s alias, "" for none; undefined if the device does not exist. */
  async alias(device: string): Promise<string | undefined> {
    const output = await this.#tools
      .run('ip', ['-j', 'link', 'show', 'dev', device])
      .catch(unless(true, /does not exist|Cannot find device|No such device/));
    return output === undefined ? undefined : (parseLinks(output).get(device) ?? '');
  }

  /** All veth devices of the host, with their aliases ("" for none). */
  async list(): Promise<Map<string, string>> {
    return parseLinks(await this.#tools.run('ip', ['-j', 'link', 'show', 'type', 'veth']));
  }

  /** Removes both ends and their rates. Succeeds if the device is gone already, as after the end of its namespace. */
  async remove(device: string): Promise<void> {
    await this.#tools.run('ip', ['link', 'delete', 'dev', device]).catch(unless(true, /Cannot find device|No such device/));
  }
}

/** Waits for all, then throws the first failure, so that nothing is still being made when the caller cleans up. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((done) => done.status === 'rejected');
  if (failed) throw failed.reason;
}

function parseLinks(output: string): Map<string, string> {
  const links = z.array(Link).parse(output.trim() === '' ? [] : JSON.parse(output));
  return new Map(links.flatMap(({ ifname, ifalias = '' }) => (ifname === undefined ? [] : [[ifname, ifalias] as const])));
}

/** Ignores a failure of a tool whose answer matches: there was nothing to do. */
export function unless(allowed: boolean, answer: RegExp): (error: unknown) => undefined {
  return (error) => {
    if (!(allowed && error instanceof ToolFailure && answer.test(error.answer))) throw error;
    return undefined;
  };
}

/** Writes net.<family>.conf.<device>.<name>, unless the kernel was built without IPv6. */
export function writeSetting(family: string, device: string, name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/net/${family}/conf/${device}/${name}`, value);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || family === 'ipv4') throw error;
  }
}
