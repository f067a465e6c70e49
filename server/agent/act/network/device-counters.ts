// What each device has received and sent, out of one file for all of them: /proc/net/dev (proc_net(5)).
import { closeSync, openSync, readSync } from 'node:fs';
import type { Traffic } from '../../observe/sample/traffic-sample.ts';

/** Columns: receive has bytes packets errs drop fifo frame compressed multicast, and transmit begins after these eight. */
const DROPPED = 3;
const TRANSMIT = 8;

/**
 * The traffic of host ends, as the other end sees it: what the host end transmitted is what the process received.
 * @param owners by device; lines of other devices are passed over before their numbers are looked at
 */
export function parseDeviceTraffic(text: string, owners: ReadonlyMap<string, string>): Map<string, Traffic> {
  const traffic = new Map<string, Traffic>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const owner = colon === -1 ? undefined : owners.get(line.slice(0, colon).trim());
    if (owner === undefined) continue;
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    const column = (index: number) => columns[index] ?? 0;
    traffic.set(owner, {
      'net.rx_bytes': column(TRANSMIT),
      'net.rx_packets': column(TRANSMIT + 1),
      'net.rx_dropped': column(TRANSMIT + DROPPED),
      'net.tx_bytes': column(0),
      'net.tx_packets': column(1),
      'net.tx_dropped': column(DROPPED),
    });
  }
  return traffic;
}

export class DeviceCounters {
  readonly #fd = openIfThere('/proc/net/dev');
  #buffer = Buffer.alloc(64 * 1024);

  read(owners: ReadonlyMap<string, string>): Map<string, Traffic> {
    if (this.#fd === undefined) return new Map();
    let length = 0;
    for (;;) {
      // The kernel gives a page of lines at a time, so the end is where it gives none.
      const bytes = readSync(this.#fd, this.#buffer, length, this.#buffer.length - length, length);
      if (bytes === 0) break;
      length += bytes;
      if (length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * length);
    }
    return parseDeviceTraffic(this.#buffer.toString('latin1', 0, length), owners);
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}

/** Undefined where it is hidden from us, or the kernel has no networks. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
