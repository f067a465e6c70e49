// Reads the traffic of all devices from one file, /proc/net/dev (proc_net(5)).
import { closeSync, openSync, readSync } from 'node:fs';
import type { Traffic } from '../../observe/sample/traffic-sample.ts';

/** Eight columns for receive (bytes packets errs drop fifo frame compressed multicast), then those for transmit. */
const DROPPED = 3;
const TRANSMIT = 8;

/**
 * The traffic of the host’s ends, counted from the process’s side: what the host’s end transmitted, the process received.
 * @param text a line that does not end has been cut, and is left out
 * @param owners by device; lines of other devices are skipped unparsed
 */
export function parseDeviceTraffic(text: string, owners: ReadonlyMap<string, string>): Map<string, Traffic> {
  const traffic = new Map<string, Traffic>();
  for (const line of text.split('\n').slice(0, -1)) {
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
      // The kernel returns at most a page of lines per read, so only an empty read is the end.
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

/** Undefined where /proc hides it, or the kernel has no networking. */
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
