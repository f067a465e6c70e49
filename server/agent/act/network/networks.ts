// Gives launched processes routed networks: a veth pair, a /30, a default route through the host, rates, and address translation if asked for.
import { closeSync } from 'node:fs';
import { ProblemError } from '../../../contract/problems.ts';
import { KeyedQueue } from '../../kernel/keyed-queue.ts';
import type { Traffic } from '../../observe/sample/traffic-sample.ts';
import type { StateFaults } from '../../state/state-faults.ts';
import { AddressTranslation } from './address-translation.ts';
import { DeviceCounters } from './device-counters.ts';
import { DeviceNames } from './device-names.ts';
import { Links } from './links.ts';
import { findNamespace, type NetworkNamespace, openNamespace } from './network-namespace.ts';
import { NetworkRecords } from './network-records.ts';
import { Attachment, type NetworkRecord, type NetworkState, NetworkStore } from './network-store.ts';
import { type AskedRates, checkedRates } from './rates.ts';
import { networkRefusal } from './refusals.ts';
import type { HostRoutes } from './subnets.ts';
import { findSupport, type Support } from './support.ts';
import { Tools } from './tools.ts';

/** The queue for forwarding and tables, which all launches share. */
const TRANSLATION = 'translation';

export interface NetworksOptions {
  /** Where the networks are recorded. Also distinguishes the devices of several agents on one host. */
  readonly stateDir: string;
  readonly faults?: StateFaults;
  /** The network that launches get their /30 from; 10.186.0.0/16 by default. */
  readonly range?: string | undefined;
  /** Where ip, tc, nsenter, unshare and nft are looked for, like PATH. */
  readonly searchPath?: string | undefined;
  /** The devices towards the outside, for address translation; by default those of the default routes. */
  readonly uplinks?: readonly string[] | undefined;
}

export interface AskedNetwork {
  readonly rates: AskedRates;
  readonly nat: boolean;
}

/**
 * A routed process can reach the host at all its addresses, and other hosts only if the host forwards (net.ipv4.ip_forward, or by address
 * translation). Owners are paths of groups. All methods throw ProblemError.
 */
export class Networks {
  readonly #options: NetworksOptions;
  readonly #tools: Tools;
  readonly #links: Links;
  readonly #store: NetworkStore;
  readonly #names: DeviceNames;
  readonly #translation: AddressTranslation;
  readonly #counters = new DeviceCounters();
  readonly #records: NetworkRecords;
  /** Owners recorded by an earlier agent, until the sweep. */
  readonly #inherited: Set<string>;
  readonly #queue = new KeyedQueue();
  #support: Promise<Support> | undefined;

  /** @throws ProblemError invalid for an invalid range */
  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#tools = new Tools(options.searchPath);
    this.#links = new Links(this.#tools);
    this.#store = new NetworkStore(options.stateDir, options.faults);
    this.#names = new DeviceNames(this.#store.instance);
    const { networks, forwarding } = this.#store.load();
    this.#records = new NetworkRecords(this.#names, this.#store.instance, options.range);
    for (const record of networks) this.#records.set(record);
    this.#inherited = new Set(networks.map(({ owner }) => owner));
    this.#translation = new AddressTranslation(this.#tools, this.#names, forwarding, {
      save: () => this.#save(),
      saveLess: () => this.#store.saveLess(this.#state),
    });
  }

  /** Tested at the first call, then remembered. */
  support(): Promise<Support> {
    this.#support ??= findSupport(this.#tools);
    return this.#support;
  }

  get(owner: string): Attachment | undefined {
    const record = this.#records.get(owner);
    return record && Attachment.parse(record);
  }

  /** Traffic by owner, from the process’s side. Packets that a rate limit drops are counted by its qdisc, not by the device. */
  counters(): Map<string, Traffic> {
    const { owners } = this.#records;
    return owners.size === 0 ? new Map() : this.#counters.read(owners);
  }

  /**
   * Connects a process that waits in a new network namespace.
   * @throws ProblemError invalid, not_found, self_protected, conflict, unsupported, kernel_refused or busy; nothing is left then
   */
  attach(owner: string, pid: number, { rates, nat }: AskedNetwork): Promise<Attachment> {
    return this.#inTurn(owner, async () => {
      const checked = checkedRates(rates);
      if (this.#records.get(owner))
        throw new ProblemError('conflict', `${owner} already has a network: detach it first.`, { asked: owner });
      const { routed, nat: noNat } = await this.support();
      const why = routed ?? (nat ? noNat : undefined);
      if (why !== undefined) throw new ProblemError('unsupported', why);
      const namespace = openNamespace(owner, pid);
      try {
        const routes = await this.#links.hostRoutes();
        const record = this.#records.reserve(owner, routes, { pid, namespaceInode: namespace.inode, nat, rates: checked });
        await this.#make(record, namespace, routes);
        return Attachment.parse(record);
      } finally {
        closeSync(namespace.fd);
      }
    });
  }

  /**
   * Replaces both rates: one that is left out becomes unlimited.
   * @throws ProblemError invalid or not_found; if one direction is refused, both keep their rates
   */
  setRates(owner: string, rates: AskedRates): Promise<Attachment> {
    return this.#inTurn(owner, async () => {
      const checked = checkedRates(rates);
      const record = this.#records.get(owner);
      if (record === undefined) throw new ProblemError('not_found', `${owner} has no network, so there are no rates to set.`);
      const namespace = (await this.#isOurs(record)) ? findNamespace(record.pid, record.namespaceInode) : undefined;
      if (namespace === undefined)
        throw new ProblemError('not_found', `The processes of ${owner} and their network have ended, so there are no rates to set.`);
      const changed = { ...record, rates: checked };
      try {
        await this.#links.setRates(record.device, namespace, record.rates, checked);
        this.#records.set(changed);
        this.#save();
      } catch (error) {
        this.#records.set(record);
        await this.#links.setRates(record.device, namespace, checked, record.rates).catch(() => {});
        throw error;
      } finally {
        closeSync(namespace.fd);
      }
      return Attachment.parse(changed);
    });
  }

  /** Removes the network, if there is one, also long after the process and its namespace have ended. */
  detach(owner: string): Promise<void> {
    return this.#inTurn(owner, async () => {
      const record = this.#records.get(owner);
      if (record) await this.#remove(record);
    });
  }

  /**
   * Removes devices, tables and forwarding that an earlier agent with the same state folder left for launches that have ended. Called once, at
   * the start.
   * @param alive owners whose processes run: their networks stay
   * @returns the owners whose networks were removed
   * @throws ProblemError the first failure, after everything else was removed
   */
  async sweep(alive: ReadonlySet<string>): Promise<string[]> {
    if (!this.#tools.has('ip')) return [];
    const removed: string[] = [];
    const failures: unknown[] = [];
    const remove = async (owner: string, work: () => Promise<void>) => {
      await work().then(
        () => removed.push(owner),
        (error: unknown) => failures.push(networkRefusal(owner, error)),
      );
    };
    const links = await this.#links.list();
    const living = new Set([...alive].map((owner) => this.#names.alias(owner)));
    for (const [device, alias] of links) {
      if (this.#records.owners.has(device) || !this.#names.hasOurName(device) || !this.#names.hasOurAlias(alias)) continue;
      // Not in the file, which was lost, so only the alias is known. A living owner keeps the device, whose addresses keep its subnet taken.
      if (!living.has(alias)) await remove(this.#names.owner(alias), () => this.#links.remove(device));
    }
    for (const owner of this.#inherited) {
      const record = this.#records.get(owner);
      if (record && !(alive.has(owner) && links.has(record.device))) await remove(owner, () => this.detach(owner));
    }
    this.#inherited.clear();
    const translated = () => new Set(this.#records.translated().map(({ device }) => device));
    // An earlier agent can only have left tables where they are supported.
    if ((await this.support()).nat === undefined)
      await this.#queue.take(TRANSLATION, () => this.#translation.sweep(translated())).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
    return removed;
  }

  /** Networks stay, because launched processes continue when cgdeck stops. */
  async close(): Promise<void> {
    await this.#queue.idle();
    this.#counters.close();
  }

  /** Recorded on disk first, so that after a crash the next sweep finds what was made. */
  async #make(record: NetworkRecord, namespace: NetworkNamespace, { uplinks }: HostRoutes): Promise<void> {
    try {
      this.#save();
      await this.#links.create({ ...record, alias: this.#names.alias(record.owner) }, namespace);
      if (record.nat) await this.#queue.take(TRANSLATION, () => this.#translation.add(record, this.#options.uplinks ?? uplinks));
    } catch (error) {
      // What cannot be removed stays recorded for detach or the next sweep; the first failure is the one to report.
      await this.#remove(record).catch(() => {});
      throw error;
    }
  }

  async #remove(record: NetworkRecord): Promise<void> {
    if (await this.#isOurs(record)) await this.#links.remove(record.device);
    if (record.nat)
      await this.#queue.take(TRANSLATION, () => {
        const last = this.#records.translated().every(({ device }) => device === record.device);
        return this.#translation.remove(record.device, last);
      });
    this.#records.delete(record);
    this.#store.saveLess(this.#state);
  }

  /** False once its namespace has ended. A device without an alias was left by a crash while it was being made. */
  async #isOurs({ device }: NetworkRecord): Promise<boolean> {
    const alias = await this.#links.alias(device);
    return alias !== undefined && (alias === '' || this.#names.hasOurAlias(alias));
  }

  #save(): void {
    this.#store.save(this.#state);
  }

  get #state(): NetworkState {
    return { networks: this.#records.all(), forwarding: this.#translation.opened };
  }

  /** Calls for one owner run in the order in which they were made. */
  #inTurn<T>(owner: string, work: () => Promise<T>): Promise<T> {
    return this.#queue.take(owner, work).catch((error: unknown) => {
      throw networkRefusal(owner, error);
    });
  }
}
