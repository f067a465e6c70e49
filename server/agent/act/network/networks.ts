// The routed networks of launched processes: a veth pair, a /30, a default route by way of the host, rates, and address translation if asked.
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
import { Attachment, type NetworkRecord, type NetworkState, NetworkStore } from './network-store.ts';
import { type AskedRates, checkedRates } from './rates.ts';
import { networkRefusal } from './refusals.ts';
import { type Block, freeSubnet, type HostRoutes, parseRange, SUBNET_PREFIX } from './subnets.ts';
import { findSupport, type Support } from './support.ts';
import { Tools } from './tools.ts';

const DEFAULT_RANGE = '10.186.0.0/16';
/** Forwarding and tables are shared by all launches. */
const TRANSLATION = 'translation';

export interface NetworksOptions {
  /** Where what was set up is written down; also tells the devices of several agents on one host apart. */
  readonly stateDir: string;
  readonly faults?: StateFaults;
  /** The network that launches get their /30 from, such as "10.186.0.0/16". */
  readonly range?: string | undefined;
  /** Where ip, tc, nsenter, unshare and nft are looked for, as PATH has it. */
  readonly searchPath?: string | undefined;
  /** The devices towards the outside, for address translation; those of the default routes unless told otherwise. */
  readonly uplinks?: readonly string[] | undefined;
}

export interface Wish {
  readonly rates: AskedRates;
  readonly nat: boolean;
}

/**
 * What a routed process can reach: the host, at the gateway and at any other of its addresses; and further only where the host forwards
 * (net.ipv4.ip_forward, or with address translation). Owners are paths of groups. Everything throws ProblemError.
 */
export class Networks {
  readonly #options: NetworksOptions;
  readonly #range: Block;
  readonly #tools: Tools;
  readonly #links: Links;
  readonly #store: NetworkStore;
  readonly #names: DeviceNames;
  readonly #translation: AddressTranslation;
  readonly #counters = new DeviceCounters();
  readonly #records = new Map<string, NetworkRecord>();
  readonly #owners = new Map<string, string>();
  /** Of an earlier agent, until the sweep has looked at them. */
  readonly #inherited: Set<string>;
  readonly #queue = new KeyedQueue();
  #support: Promise<Support> | undefined;

  /** @throws ProblemError invalid for a range that is none */
  constructor(options: NetworksOptions) {
    this.#options = options;
    this.#range = parseRange(options.range ?? DEFAULT_RANGE);
    this.#tools = new Tools(options.searchPath);
    this.#links = new Links(this.#tools);
    this.#store = new NetworkStore(options.stateDir, options.faults);
    this.#names = new DeviceNames(this.#store.instance);
    const { networks, forwarding } = this.#store.load();
    for (const record of networks) this.#remember(record);
    this.#inherited = new Set(this.#records.keys());
    this.#translation = new AddressTranslation(this.#tools, this.#names, forwarding, {
      save: () => this.#save(),
      saveLess: () => this.#store.saveLess(this.#state),
    });
  }

  /** Tried out at the first call, remembered after it. */
  support(): Promise<Support> {
    this.#support ??= findSupport(this.#tools);
    return this.#support;
  }

  get(owner: string): Attachment | undefined {
    const record = this.#records.get(owner);
    return record && Attachment.parse(record);
  }

  /** Traffic by owner, from the process’s side. What a rate drops is counted by its qdisc, not by the device. */
  counters(): Map<string, Traffic> {
    return this.#owners.size === 0 ? new Map() : this.#counters.read(this.#owners);
  }

  /**
   * Connects a process that waits in a fresh network namespace.
   * @throws ProblemError invalid, not_found, self_protected, conflict, unsupported, kernel_refused or busy; nothing is left behind then
   */
  attach(owner: string, pid: number, { rates, nat }: Wish): Promise<Attachment> {
    return this.#inTurn(owner, async () => {
      const checked = checkedRates(rates);
      if (this.#records.has(owner))
        throw new ProblemError('conflict', `${owner} has a network already: detach it first.`, { asked: owner });
      const { routed, nat: noNat } = await this.support();
      const why = routed ?? (nat ? noNat : undefined);
      if (why !== undefined) throw new ProblemError('unsupported', why);
      const namespace = openNamespace(owner, pid);
      try {
        const routes = await this.#links.hostRoutes();
        const record = this.#reserve(owner, routes, { pid, namespaceInode: namespace.inode, nat, rates: checked });
        await this.#make(record, namespace, routes);
        return Attachment.parse(record);
      } finally {
        closeSync(namespace.fd);
      }
    });
  }

  /**
   * Rates are absolute: what is left out is unlimited from now on.
   * @throws ProblemError invalid or not_found; if one direction is refused both are as before
   */
  setRates(owner: string, rates: AskedRates): Promise<Attachment> {
    return this.#inTurn(owner, async () => {
      const checked = checkedRates(rates);
      const record = this.#records.get(owner);
      if (record === undefined) throw new ProblemError('not_found', `${owner} has no network of its own whose rates could be set.`);
      const namespace = (await this.#isOurs(record)) ? findNamespace(record.pid, record.namespaceInode) : undefined;
      if (namespace === undefined)
        throw new ProblemError(
          'not_found',
          `The processes of ${owner} have ended, and their network with them: there are no rates to set.`,
        );
      const changed = { ...record, rates: checked };
      try {
        await this.#links.setRates(record.device, namespace, record.rates, checked);
        this.#remember(changed);
        this.#save();
      } catch (error) {
        this.#remember(record);
        await this.#links.setRates(record.device, namespace, checked, record.rates).catch(() => {});
        throw error;
      } finally {
        closeSync(namespace.fd);
      }
      return Attachment.parse(changed);
    });
  }

  /** Takes the network away, if there is one; the process may have ended, and its namespace with it, long before. */
  detach(owner: string): Promise<void> {
    return this.#inTurn(owner, async () => {
      const record = this.#records.get(owner);
      if (record) await this.#takeDown(record);
    });
  }

  /**
   * Removes what an earlier agent on the same state folder left and nobody needs: devices, tables, forwarding. Called once, at the start.
   * @param alive owners whose processes run: their networks go on as they are, and are known again
   * @returns the owners whose networks were removed
   * @throws ProblemError the first of what could not be removed, after all the rest was
   */
  async sweep(alive: ReadonlySet<string>): Promise<string[]> {
    if (!this.#tools.has('ip')) return [];
    const removed: string[] = [];
    const failures: unknown[] = [];
    const remove = async (owner: string, work: () => Promise<void>) => {
      // One that cannot be removed does not keep the others.
      await work().then(
        () => removed.push(owner),
        (error: unknown) => failures.push(networkRefusal(owner, error)),
      );
    };
    const links = await this.#links.list();
    const living = new Set([...alive].map((owner) => this.#names.alias(owner)));
    for (const [device, alias] of links) {
      if (this.#owners.has(device) || !this.#names.hasOurName(device) || !this.#names.hasOurAlias(alias)) continue;
      // The file was lost. Nothing is known of it but the alias; that of a living owner stays, and its addresses keep its subnet from others.
      if (!living.has(alias)) await remove(this.#names.owner(alias), () => this.#links.remove(device));
    }
    for (const owner of this.#inherited) {
      const record = this.#records.get(owner);
      if (record && !(alive.has(owner) && links.has(record.device))) await remove(owner, () => this.detach(owner));
    }
    this.#inherited.clear();
    const translated = () => new Set(this.#translated().map(({ device }) => device));
    // Where there can be no tables, an earlier agent has left none.
    if ((await this.support()).nat === undefined)
      await this.#queue.take(TRANSLATION, () => this.#translation.sweep(translated())).catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
    return removed;
  }

  /** Launched processes go on when the product stops, so their networks stay. */
  async close(): Promise<void> {
    await this.#queue.idle();
    this.#counters.close();
  }

  /** Without a wait between the choice and its being noted: another attach at the same time sees it taken. */
  #reserve(owner: string, routes: HostRoutes, facts: Pick<NetworkRecord, 'pid' | 'namespaceInode' | 'nat' | 'rates'>): NetworkRecord {
    const indexes = [...this.#records.values()].map(({ index }) => index);
    // Agents that share a range begin at different places, as neither sees what the other is about to take.
    const subnet = freeSubnet(this.#range, indexes, routes.blocks, Number.parseInt(this.#store.instance.slice(0, 8), 16));
    if (subnet === undefined)
      throw new ProblemError(
        'conflict',
        `There is no free /${SUBNET_PREFIX} for ${owner} in ${this.#options.range ?? DEFAULT_RANGE}: ${indexes.length} launches have one, and the rest is taken by the host’s own addresses and routes. End a launch, or give cgdeck another range.`,
      );
    const record = { owner, device: this.#names.device(subnet.index), prefix: SUBNET_PREFIX, ...subnet, ...facts };
    this.#remember(record);
    return record;
  }

  /** Written down first: a crash at any later point leaves nothing that the next sweep does not know. */
  async #make(record: NetworkRecord, namespace: NetworkNamespace, { uplinks }: HostRoutes): Promise<void> {
    try {
      this.#save();
      await this.#links.create({ ...record, alias: this.#names.alias(record.owner) }, namespace);
      if (record.nat) await this.#queue.take(TRANSLATION, () => this.#translation.add(record, this.#options.uplinks ?? uplinks));
    } catch (error) {
      // What cannot be taken back stays known, for detach or the next sweep; the person hears what went wrong first.
      await this.#takeDown(record).catch(() => {});
      throw error;
    }
  }

  async #takeDown(record: NetworkRecord): Promise<void> {
    if (await this.#isOurs(record)) await this.#links.remove(record.device);
    if (record.nat)
      await this.#queue.take(TRANSLATION, () => {
        const last = this.#translated().every(({ device }) => device === record.device);
        return this.#translation.remove(record.device, last);
      });
    this.#records.delete(record.owner);
    this.#owners.delete(record.device);
    this.#store.saveLess(this.#state);
  }

  /** False once its namespace is gone. A device that has no alias yet was left by a crash in the middle of making it. */
  async #isOurs({ device }: NetworkRecord): Promise<boolean> {
    const alias = await this.#links.alias(device);
    return alias !== undefined && (alias === '' || this.#names.hasOurAlias(alias));
  }

  #remember(record: NetworkRecord): void {
    this.#records.set(record.owner, record);
    this.#owners.set(record.device, record.owner);
  }

  #translated(): NetworkRecord[] {
    return [...this.#records.values()].filter(({ nat }) => nat);
  }

  #save(): void {
    this.#store.save(this.#state);
  }

  get #state(): NetworkState {
    return { networks: [...this.#records.values()], forwarding: this.#translation.opened };
  }

  /** What is asked for one owner happens in the order in which it was asked. */
  #inTurn<T>(owner: string, work: () => Promise<T>): Promise<T> {
    return this.#queue.take(owner, work).catch((error: unknown) => {
      throw networkRefusal(owner, error);
    });
  }
}
