// Which devices a group may use: by v1's devices controller where it is mounted, else by a BPF program on v2.
import type { CallAnswer, CallParams } from '../../../contract/calls.ts';
import type { DeviceView, ReadDeviceRules } from '../../../contract/device-schemas.ts';
import { type DeviceRule, deviceRulesText, deviceRuleText, mergeDeviceRules } from '../../../contract/devices.ts';
import { ProblemError } from '../../../contract/problems.ts';
import { KeyedQueue } from '../../kernel/keyed-queue.ts';
import type { ActParts } from '../act-parts.ts';
import { DevicePrograms, type ProgramView } from './device-programs.ts';
import { ListedDevices } from './listed-devices.ts';

const NO_PROGRAMS: ProgramView = { rules: null, above: [], others: [], notes: [] };
const EVERYTHING = 'Every device is allowed, except any that were denied one by one: v1 does not list those.';

const ELSEWHERE =
  'The group is not in the hierarchy of the devices controller. Its processes follow the rules of the groups that they are in there.';
const LIST = 'devices.list';

type Parts = Pick<ActParts, 'layout' | 'io' | 'reach' | 'journal' | 'reporter'>;

export class DeviceControl {
  readonly #parts: Parts;
  readonly #listed: ListedDevices;
  readonly #programs: DevicePrograms | undefined;
  readonly #queue = new KeyedQueue();

  constructor(parts: Parts) {
    const { unified } = parts.layout;
    this.#parts = parts;
    this.#listed = new ListedDevices(parts.io);
    this.#programs = unified && new DevicePrograms((group) => parts.layout.dir(unified, group));
  }

  async view(group: string): Promise<DeviceView> {
    const programs = (this.#inUnified(group) ? await this.#programs?.read(group) : undefined) ?? NO_PROGRAMS;
    if (!this.#isListed) {
      this.#writer(group);
      return { group, file: 'device program', ...programs };
    }
    const isListed = this.#parts.io.mayHave(group, LIST);
    const rules = isListed ? await this.#listed.read(group) : null;
    // On a hybrid machine, programs that other software attached on v2 apply as well.
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

  /** Changes of a group wait for each other, so that each reads back its own result. @throws ProblemError; the rules are then unchanged */
  set({ group, inode, rules, replaces }: CallParams<'setDevices'>, by: string): Promise<CallAnswer<'setDevices'>> {
    const { io, reach, journal, reporter } = this.#parts;
    return this.#queue.take(group, async () => {
      const started = performance.now();
      io.group(group, inode);
      reach.mayWrite(group);
      const writer = this.#writer(group);
      const before = await this.view(group);
      mustReplace(before, rules, replaces);
      const old = deviceRulesText(before.rules);
      return journal.record(
        { by, action: 'devices', group, facts: { rules } },
        async () => {
          io.group(group, inode);
          await writer.set(group, rules);
          const view = await this.view(group);
          const texts = { old, asked: deviceRulesText(rules), new: deviceRulesText(view.rules) };
          reporter.report({ kind: 'write', group, file: view.file, ...texts, by, time: Date.now() });
          return { ...view, ...texts, tookMs: performance.now() - started };
        },
        (done) => done.new,
      );
    });
  }

  get #isListed(): boolean {
    return this.#parts.layout.ofController('devices') !== undefined;
  }

  #inUnified(group: string): boolean {
    const { unified } = this.#parts.layout;
    return unified !== undefined && this.#parts.io.group(group).in.has(unified);
  }

  /** @throws ProblemError where the group is in no hierarchy with device rules */
  #writer(group: string): ListedDevices | DevicePrograms {
    if (this.#isListed) return this.#listed;
    if (this.#programs && this.#inUnified(group)) return this.#programs;
    throw new ProblemError(
      'unsupported',
      `${group} cannot have device rules: v1’s devices controller is not mounted, and the group is not in a v2 hierarchy, where a BPF program could be attached.`,
      { file: group },
    );
  }
}

/** @throws ProblemError changed if the group has other rules than were seen, and not yet the wanted ones */
function mustReplace(
  { group, file, rules: now }: DeviceView,
  wanted: readonly DeviceRule[] | null,
  replaces: ReadDeviceRules | null | undefined,
): void {
  if (replaces === undefined || isSame(now, replaces) || isSame(now, wanted)) return;
  const [is, was] = [deviceRulesText(now), deviceRulesText(replaces)];
  const where = `${group}/${file}`;
  throw new ProblemError('changed', `${where} is ${is} by now, not ${was}: nothing was written.`, { file: where, asked: was, now: is });
}

/** In any order. */
function isSame(one: readonly DeviceRule[] | 'hidden' | null, other: typeof one): boolean {
  const text = (rules: typeof one) =>
    rules === null || rules === 'hidden' ? deviceRulesText(rules) : mergeDeviceRules(rules).map(deviceRuleText).sort().join();
  return text(one) === text(other);
}
