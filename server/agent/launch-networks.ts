// What launching and the tick need of routed networks, in the contract's words.
import type { Rates as AskedRates } from '../contract/launch.ts';
import type { Networks } from './act/network/networks.ts';
import type { Rates } from './act/network/rates.ts';
import type { LaunchNetworks } from './launch/ports.ts';
import type { Traffic } from './observe/sample/traffic-sample.ts';

/** A rate of null and one that is left out both mean: no limit. */
function inForce({ egressBitsPerSec, ingressBitsPerSec }: AskedRates): Rates {
  return {
    ...(typeof egressBitsPerSec === 'number' ? { egressBitsPerSec } : {}),
    ...(typeof ingressBitsPerSec === 'number' ? { ingressBitsPerSec } : {}),
  };
}

export function launchNetworks(networks: Networks): LaunchNetworks {
  return {
    attach: (group, pid, { rates, nat }) => networks.attach(group, pid, { rates: inForce(rates), nat }),
    setRates: (group, rates) => networks.setRates(group, inForce(rates)),
    // The namespace takes its end along when it goes; what cannot be removed now is found by the next start.
    detach: (group) => networks.detach(group).catch(() => {}),
  };
}

export function trafficOf(counters: ReturnType<Networks['counters']>): ReadonlyMap<string, Traffic> {
  return new Map(
    [...counters].map(([group, { rxBytes, rxPackets, rxDropped, txBytes, txPackets, txDropped }]) => [
      group,
      {
        'net.rx_bytes': rxBytes,
        'net.rx_packets': rxPackets,
        'net.rx_dropped': rxDropped,
        'net.tx_bytes': txBytes,
        'net.tx_packets': txPackets,
        'net.tx_dropped': txDropped,
      },
    ]),
  );
}
