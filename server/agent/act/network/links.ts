// veth pairs between the host and a network namespace (veth(4), ip-link(8)), and how their ends are set up.
import { writeFileSync } from 'node:fs';
import { z } from 'zod';
import type { NetworkNamespace } from './network-namespace.ts';
import { type Rates, rateCommand } from './rates.ts';
import { type HostRoutes, parseHostRoutes } from './subnets.ts';
import { NAMESPACE_PATH, ToolFailure, type Tools } from './tools.ts';

/** The device inside. */
const INSIDE = 'eth0';

/**
 * The host end’s settings (the kernel’s ip-sysctl.rst). What comes in has to come from the one address behind the device: strict rp_filter drops
 * the rest (unless net.ipv4.conf.all.rp_filter is 2, loose: the kernel takes the larger of the two). Nothing else that the process says changes how the host routes, and IPv6 is off: no router advertisement is listened to.
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
   * Makes the pair and sets up both ends. The host end has no carrier, so nothing passes, until the inner one is up.
   * @throws ToolFailure, or what writing a setting answered
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
    // The process still waits, so its rates are in force before it sends anything, whichever of these ends first.
    await allEnded([setUp, this.setRates(device, namespace, {}, rates)]);
  }

  /**
   * Each end holds back what it sends, by a token bucket (tc-tbf(8)). For what the process sends, that is within its namespace: a queue delays
   * there, and TCP finds its rate, where policing at the host end could only drop (and asks for act_police, which many kernels lack). To remove
   * it a program needs CAP_NET_ADMIN over the namespace, which launches do not have. Only what differs from before is touched.
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
      // There is no limit to remove.
      .catch(unless(bitsPerSec === undefined, /handle of zero/));
  }

  /** A device's alias, "" if it has none; undefined if there is no such device. */
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

  /** A device that is gone already, with its namespace, is no failure; both ends and their rates go. */
  async remove(device: string): Promise<void> {
    await this.#tools.run('ip', ['link', 'delete', 'dev', device]).catch(unless(true, /Cannot find device|No such device/));
  }
}

/** Fails with the first failure, but not before all have ended: nothing is still being made when it is taken back. */
async function allEnded(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((done) => done.status === 'rejected');
  if (failed) throw failed.reason;
}

function parseLinks(output: string): Map<string, string> {
  const links = z.array(Link).parse(output.trim() === '' ? [] : JSON.parse(output));
  return new Map(links.flatMap(({ ifname, ifalias = '' }) => (ifname === undefined ? [] : [[ifname, ifalias] as const])));
}

/** Lets a failure pass that says that there is nothing to do. */
export function unless(allowed: boolean, says: RegExp): (error: unknown) => undefined {
  return (error) => {
    if (!(allowed && error instanceof ToolFailure && says.test(error.answer))) throw error;
    return undefined;
  };
}

/** Writes net.<family>.conf.<device>.<name>; a kernel without the family has nothing to set. */
export function writeSetting(family: string, device: string, name: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/net/${family}/conf/${device}/${name}`, value);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || family === 'ipv4') throw error;
  }
}
