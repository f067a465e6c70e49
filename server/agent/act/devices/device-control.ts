// Which devices a group may use: by v1's devices controller where it is mounted, else by a program on the unified tree.
import { type DeviceRule, type DeviceView, deviceRulesText } from '../../../contract/devices.ts';
import { ProblemError } from '../../../contract/problems.ts';
import type { ControlFileIo } from '../../kernel/files/control-file-io.ts';
import type { Layout } from '../../kernel/hierarchy/layout.ts';
import { KeyedQueue } from '../../kernel/keyed-queue.ts';
import type { Reach } from '../../kernel/reach.ts';
import { DevicePrograms, type ProgramView } from './device-programs.ts';
import { ListedDevices } from './listed-devices.ts';

const NO_PROGRAMS: ProgramView = { rules: null, above: [], others: [], notes: [] };
const EVERYTHING = 'It allows every device. If single ones were denied from there by somebody, v1 does not list them.';

const ELSEWHERE =
  'It is not in the hierarchy of the devices controller: what its processes may use is decided by the groups that they are in there.';
const LIST = 'devices.list';

export interface DeviceChange {
  readonly view: DeviceView;
  readonly old: string;
  readonly new: string;
}

export class DeviceControl {
  readonly #layout: Layout;
  readonly #io: ControlFileIo;
  readonly #reach: Reach;
  readonly #listed: ListedDevices;
  readonly #programs: DevicePrograms | undefined;
  readonly #queue = new KeyedQueue();

  constructor(layout: Layout, io: ControlFileIo, reach: Reach) {
    const { unified } = layout;
    this.#layout = layout;
    this.#io = io;
    this.#reach = reach;
    this.#listed = new ListedDevices(io);
    this.#programs = unified && new DevicePrograms((group) => layout.dir(unified, group));
  }

  async view(group: string): Promise<DeviceView> {
    const programs = (this.#inUnified(group) ? await this.#programs?.read(group) : undefined) ?? NO_PROGRAMS;
    if (!this.#isListed) {
      this.#means(group);
      return { group, file: 'device program', ...programs };
    }
    const isListed = this.#io.holds(group, LIST);
    const rules = isListed ? await this.#listed.read(group) : null;
    // What others attached to the unified tree of a hybrid machine holds as well.
    const { above, others, notes } = programs;
    return {
      group,
      file: 'devices.list',
      rules,
      above,
      others,
      notes: [...(isListed ? (rules === null ? [EVERYTHING] : []) : [ELSEWHERE]), ...notes],
    };
  }

  /** Everything that can be known before: the group, and the right to. */
  check(group: string): void {
    this.#io.group(group);
    this.#reach.mayWrite(group);
    this.#means(group);
  }

  /** One after the other in a group: what is read back is what this change made. @throws ProblemError; the rules are then as they were */
  set(group: string, rules: readonly DeviceRule[] | null): Promise<DeviceChange> {
    return this.#queue.take(group, () => this.#set(group, rules));
  }

  async #set(group: string, rules: readonly DeviceRule[] | null): Promise<DeviceChange> {
    this.check(group);
    const old = deviceRulesText((await this.view(group)).rules);
    await this.#means(group).set(group, rules);
    const view = await this.view(group);
    return { view, old, new: deviceRulesText(view.rules) };
  }

  get #isListed(): boolean {
    return this.#layout.ofController('devices') !== undefined;
  }

  #inUnified(group: string): boolean {
    const { unified } = this.#layout;
    return unified !== undefined && this.#io.group(group).in.has(unified);
  }

  /** @throws ProblemError where the group is in no hierarchy that knows of devices */
  #means(group: string): ListedDevices | DevicePrograms {
    if (this.#isListed) return this.#listed;
    if (this.#programs && this.#inUnified(group)) return this.#programs;
    throw new ProblemError(
      'unsupported',
      `${group} is in no hierarchy that can hold device rules: v1’s devices controller is not mounted, and there is no unified tree for programs.`,
      { file: group },
    );
  }
}
