// What is kept of networks on disk, in one small file, so that the next agent knows what an earlier one set up.
import { createHash } from 'node:crypto';
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { bootId } from '../../kernel/boot.ts';
import { JsonFile } from '../../state/json-file.ts';
import { StateFaults } from '../../state/state-faults.ts';
import { Rates } from './rates.ts';

/** A launched process’s network as others see it. */
export const Attachment = z.object({
  /** The host’s end. */
  device: z.string(),
  /** The process’s own address, on its eth0. */
  address: z.string(),
  /** The host’s address on the link, the process’s default route. */
  gateway: z.string(),
  prefix: z.number().int(),
  /** What it sends beyond the host leaves under the host’s own address. */
  nat: z.boolean(),
  rates: Rates,
});
export type Attachment = Readonly<z.infer<typeof Attachment>>;

const NetworkRecord = Attachment.extend({
  owner: z.string(),
  /** Where the subnet lies in the range. */
  index: z.number().int(),
  pid: z.number().int(),
  namespaceInode: z.number().int(),
});
export type NetworkRecord = Readonly<z.infer<typeof NetworkRecord>>;

const State = z.object({
  /** Nothing of it outlives the boot, and forwarding that is on after the next one was switched on by somebody else. */
  boot: z.string(),
  networks: z.array(NetworkRecord),
  /** Devices towards the outside on which we switched forwarding on. */
  forwarding: z.array(z.string()),
});
export type NetworkState = Omit<z.infer<typeof State>, 'boot'>;

export class NetworkStore {
  readonly #file: JsonFile<z.infer<typeof State>>;
  readonly #boot = bootId();
  /** Tells the devices of several agents on one host apart: each has a folder of its own. */
  readonly instance: string;

  constructor(stateDir: string, faults = new StateFaults()) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    this.#file = new JsonFile({
      path: join(stateDir, 'networks.json'),
      schema: State,
      cost: 'Devices of launched networks are recognised by their alias, but their addresses and rates are not known, nor where forwarding was switched on.',
      faults,
    });
    this.instance = createHash('sha256').update(realpathSync(stateDir)).digest('hex').slice(0, 16);
  }

  /** What was saved last since the machine started; nothing if there is no file or it is damaged, as devices are recognised by their alias too. */
  load(): NetworkState {
    const state = this.#file.read();
    return state?.boot === this.#boot ? state : { networks: [], forwarding: [] };
  }

  /** @throws ProblemError busy, as with a full disk; what was saved before is still there then */
  save(state: NetworkState): void {
    this.#file.write({ ...state, boot: this.#boot });
  }

  /** After something was removed: a disk that refuses is only reported, as the next sweep finds no device to what the file still has. */
  saveLess(state: NetworkState): void {
    this.#file.writeLess({ ...state, boot: this.#boot }, state.networks.length === 0 && state.forwarding.length === 0);
  }
}
