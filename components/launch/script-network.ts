// A routed network in the script: a pair of devices, an address, rates, and NAT where it is asked for.
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { networkOf } from '../../server/contract/launch-options.ts';
import { quoteWord } from './argv.ts';

/** An example: cgdeck uses a free pair of addresses. */
const HOST_ADDRESS = '10.213.0.1';
const OWN_ADDRESS = '10.213.0.2';
const PREFIX = 30;
/** IFNAMSIZ - 1. */
const DEVICE_NAME_MAX = 15;

/** The network namespace as ip-netns(8) names it. */
export function netnsOf(name: string): string {
  return `cgdeck-${name}`;
}

function deviceOf(name: string): string {
  return `cg-${name.replaceAll(/[^A-Za-z0-9_-]/g, '')}`.slice(0, DEVICE_NAME_MAX);
}

/** tc(8) writes bits as `bit`; the bucket holds 10 ms, and at least one packet. */
function shaper(bitsPerSec: number): string {
  const burstBytes = Math.max(1600, Math.ceil(bitsPerSec / 800));
  return `root tbf rate ${bitsPerSec}bit burst ${burstBytes} latency 50ms`;
}

export function networkLines(request: LaunchRequest): string[] {
  if (networkOf(request) !== 'routed') return [];
  const netns = quoteWord(netnsOf(request.name));
  const device = quoteWord(deviceOf(request.name));
  const { egressBitsPerSec: egress, ingressBitsPerSec: ingress } = request.rates;
  return [
    '',
    '# Its network: a pair of devices, routed by the host. The addresses are examples; cgdeck takes free ones.',
    `ip netns add ${netns}`,
    `ip link add ${device} type veth peer name eth0 netns ${netns}`,
    `ip addr add ${HOST_ADDRESS}/${PREFIX} dev ${device}`,
    `ip link set ${device} up`,
    `ip -n ${netns} addr add ${OWN_ADDRESS}/${PREFIX} dev eth0`,
    `ip -n ${netns} link set lo up`,
    `ip -n ${netns} link set eth0 up`,
    `ip -n ${netns} route add default via ${HOST_ADDRESS}`,
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    ...(typeof egress === 'number' ? [`tc -n ${netns} qdisc add dev eth0 ${shaper(egress)}   # what it sends`] : []),
    ...(typeof ingress === 'number' ? [`tc qdisc add dev ${device} ${shaper(ingress)}   # what it receives`] : []),
    ...(request.nat
      ? [
          'nft add table ip cgdeck',
          `nft add chain ip cgdeck out '{ type nat hook postrouting priority srcnat; }'`,
          `nft add rule ip cgdeck out ip saddr ${OWN_ADDRESS} masquerade`,
        ]
      : []),
  ];
}
