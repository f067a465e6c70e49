// Keeps the networks in one small file on disk, so that the next agent knows what an earlier one made.
import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { bootId } from '../../kernel/boot.ts';
import { JsonFile } from '../../state/json-file.ts';
import { StateFaults } from '../../state/state-faults.ts';
import { Rates } from './rates.ts';

/** A launched process’s network, as answers show it. */
export const Attachment = z.object({
  /** The host’s end of the veth pair. */
  device: z.string(),
  /** The process’s address, on its eth0. */
  address: z.string(),
  /** The host’s address on the link, which is the process’s default route. */
  gateway: z.string(),
  prefix: z.number().int(),
  /** Whether its packets leave the host under the host’s address. */
  nat: z.boolean(),
  rates: Rates,
});
export type Attachment = Readonly<z.infer<typeof Attachment>>;

const NetworkRecord = Attachment.extend({
  owner: z.string(),
  /** The subnet’s position in the range. */
  index: z.number().int(),
  pid: z.number().int(),
  namespaceInode: z.number().int(),
});
export type NetworkRecord = Readonly<z.infer<typeof NetworkRecord>>;

const State = z.object({
  /** The boot that the record belongs to: devices do not survive it, and forwarding that is on after it is not cgdeck’s. */
  boot: z.string(),
  networks: z.array(NetworkRecord),
  /** Uplinks on which cgdeck switched forwarding on. */
  forwarding: z.array(z.string()),
});
export type NetworkState = Omit<z.infer<typeof State>, 'boot'>;

export class NetworkStore {
  readonly #file: JsonFile<z.infer<typeof State>>;
  readonly #boot = bootId();
  /** Distinguishes the devices of several agents on one host: each has a state folder of its own. */
  readonly instance: string;

  constructor(stateDir: string, faults = new StateFaults()) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    this.#file = new JsonFile({
      path: join(stateDir, 'networks.json'),
      schema: State,
      cost: 'Devices of launched networks are still recognised by their alias, but their addresses and rates are unknown, and so are the uplinks on which forwarding was switched on.',
      faults,
    });
    this.instance = instanceOf(stateDir);
  }

  /** The last state saved in this boot; empty if the file is missing or damaged. */
  load(): NetworkState {
    const state = this.#file.read();
    return state?.boot === this.#boot ? state : { networks: [], forwarding: [] };
  }

  /** @throws ProblemError busy, as with a full disk; the file then keeps its old content */
  save(state: NetworkState): void {
    this.#file.write({ ...state, boot: this.#boot });
  }

  /** After a removal, where a write error is only reported: the next sweep sees that the device is gone. */
  saveLess(state: NetworkState): void {
    this.#file.writeLess({ ...state, boot: this.#boot }, state.networks.length === 0 && state.forwarding.length === 0);
  }
}

/** The hexadecimal id of the agent with this state folder. */
export function instanceOf(stateDir: string): string {
  return createHash('sha256').update(realpathSync(stateDir)).digest('hex').slice(0, 16);
}
