// What is kept of networks on disk, in one small file, so that the next agent knows what an earlier one set up.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ProblemError } from '../../../contract/problems.ts';
import { bootId } from '../../kernel/boot.ts';
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
  readonly #path: string;
  readonly #boot = bootId();
  /** Tells the devices of several agents on one host apart: each has a folder of its own. */
  readonly instance: string;

  constructor(stateDir: string) {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    this.#path = join(stateDir, 'networks.json');
    this.instance = createHash('sha256').update(realpathSync(stateDir)).digest('hex').slice(0, 16);
  }

  /** What was saved last since the machine started; nothing if there is no file or it is damaged, as devices are recognised by their alias too. */
  load(): NetworkState {
    try {
      const state = State.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
      if (state.boot === this.#boot) return state;
    } catch {
      // As good as none.
    }
    return { networks: [], forwarding: [] };
  }

  /** @throws ProblemError busy, as with a full disk; what was saved before is still there then */
  save(state: NetworkState): void {
    try {
      writeFileSync(`${this.#path}.new`, JSON.stringify({ ...state, boot: this.#boot }), { mode: 0o600 });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (cause) {
      const errno = (cause as NodeJS.ErrnoException).code;
      throw new ProblemError(
        'busy',
        `What is to be done to the network cannot be written down: the kernel answered ${errno} to writing ${this.#path}. Nothing was done. Make room on its disk first.`,
        { errno, file: this.#path, cause },
      );
    }
  }
}
