// The networks that this agent knows, by owner and by device, and the choice of a free subnet for a new one.
import { ProblemError } from '../../../contract/problems.ts';
import type { DeviceNames } from './device-names.ts';
import type { NetworkRecord } from './network-store.ts';
import { type Block, freeSubnet, type HostRoutes, parseRange, SUBNET_PREFIX } from './subnets.ts';

export class NetworkRecords {
  readonly #names: DeviceNames;
  readonly #range: Block;
  readonly #rangeText: string;
  /** Agents that share a range begin at different subnets, as neither sees what the other is about to take. */
  readonly #firstIndex: number;
  readonly #byOwner = new Map<string, NetworkRecord>();
  readonly #owners = new Map<string, string>();

  /** @throws ProblemError invalid for an invalid range */
  constructor(names: DeviceNames, instance: string, range = '10.186.0.0/16') {
    this.#names = names;
    this.#range = parseRange(range);
    this.#rangeText = range;
    this.#firstIndex = Number.parseInt(instance.slice(0, 8), 16);
  }

  /** The owner of each device. */
  get owners(): ReadonlyMap<string, string> {
    return this.#owners;
  }

  get(owner: string): NetworkRecord | undefined {
    return this.#byOwner.get(owner);
  }

  all(): NetworkRecord[] {
    return [...this.#byOwner.values()];
  }

  /** Those with address translation. */
  translated(): NetworkRecord[] {
    return this.all().filter(({ nat }) => nat);
  }

  set(record: NetworkRecord): void {
    this.#byOwner.set(record.owner, record);
    this.#owners.set(record.device, record.owner);
  }

  delete({ owner, device }: NetworkRecord): void {
    this.#byOwner.delete(owner);
    this.#owners.delete(device);
  }

  /** Synchronous, so that another attach at the same time sees the subnet taken. @throws ProblemError conflict for a full range */
  reserve(owner: string, routes: HostRoutes, facts: Pick<NetworkRecord, 'pid' | 'namespaceInode' | 'nat' | 'rates'>): NetworkRecord {
    const indexes = this.all().map(({ index }) => index);
    const subnet = freeSubnet(this.#range, indexes, routes.blocks, this.#firstIndex);
    if (subnet === undefined)
      throw new ProblemError(
        'conflict',
        `There is no free /${SUBNET_PREFIX} for ${owner} in ${this.#rangeText}: ${indexes.length} launches have one, and the host’s own addresses and routes take the rest. End a launch, or give cgdeck another range.`,
      );
    const record = { owner, device: this.#names.device(subnet.index), prefix: SUBNET_PREFIX, ...subnet, ...facts };
    this.set(record);
    return record;
  }
}
