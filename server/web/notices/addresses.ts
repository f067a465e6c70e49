// Where a message may be sent: not to this machine, unless it was started with --notify-local. A name is resolved once, and what was checked is used.
import { lookup as systemLookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { RefusedTarget } from './outcome.ts';

export interface Address {
  readonly address: string;
  readonly family: number;
}

export interface AddressOptions {
  readonly allowLocal: boolean;
  /** All addresses of a name. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
  /** The machine's own addresses. */
  readonly own?: () => readonly string[];
}

/** Ranges (ipaddr.js) in which other machines may be: the internet, and private networks, where many alert receivers are. */
const ELSEWHERE = new Set(['unicast', 'private', 'uniqueLocal', 'carrierGradeNat']);
/** Metadata services of clouds outside the link-local range: they describe this machine, with its credentials. */
const METADATA = new Set(['fd00:ec2::254', '100.100.100.200']);
/** Lookups occupy threads of the pool; a name server that does not answer must not occupy all. */
const LOOKUPS_AT_ONCE = 2;

function normal(address: string): string {
  // Without the zone of a link-local address.
  return ipaddr.process(address.split('%', 1)[0] ?? '').toString();
}

function addressOf(text: string): Address {
  const address = ipaddr.process(text);
  return { address: address.toString(), family: address.kind() === 'ipv6' ? 6 : 4 };
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
}

/** Why an address is not to be used; undefined if it is. */
function faultOf(address: string, own: ReadonlySet<string>): string | undefined {
  if (!ipaddr.isValid(address.split('%', 1)[0] ?? '')) return 'is not an address';
  const text = normal(address);
  const range = ipaddr.parse(text).range();
  if (range === 'loopback' || range === 'unspecified' || own.has(text)) return 'is this machine itself';
  if (METADATA.has(text)) return 'is a metadata service';
  return ELSEWHERE.has(range) ? undefined : `is no address of another machine (${range})`;
}

export class Addresses {
  readonly #options: AddressOptions;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: AddressOptions) {
    this.#options = options;
  }

  /**
   * The addresses of a host, all of them checked.
   * @param host a name, or an address without brackets
   * @throws RefusedTarget if one leads to this machine, or to what is no other machine; Error if the name has no address; the signal's reason
   */
  async of(host: string, signal: AbortSignal): Promise<readonly Address[]> {
    const isAddress = ipaddr.isValid(host);
    const addresses = isAddress ? [addressOf(host)] : await unless(signal, this.#resolve(host));
    if (addresses.length === 0) throw new Error(`${host} has no address.`);
    if (this.#options.allowLocal) return addresses;
    const own = new Set((this.#options.own ?? ownAddresses)().map(normal));
    for (const { address } of addresses) {
      const fault = faultOf(address, own);
      if (fault === undefined) continue;
      const what = isAddress ? host : `${host} has the address ${address}, which`;
      throw new RefusedTarget(
        `${what} ${fault}: messages are not sent there. Whoever runs this machine can allow that by starting cgdeck with --notify-local.`,
      );
    }
    return addresses;
  }

  async #resolve(host: string): Promise<readonly Address[]> {
    if (this.#running >= LOOKUPS_AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      return await (this.#options.resolve ?? ((name) => systemLookup(name, { all: true })))(host);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }
}

/** What cannot be aborted, such as a lookup, is left alone. */
export async function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** For a connection: gives what was checked, whatever the name leads to by now. */
export function lookupOf(addresses: readonly Address[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? '', first?.family);
  };
}
