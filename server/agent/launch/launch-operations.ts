// Operations on launches, checked, journaled and reported.
import type { CallAnswer, CallParams } from '../../contract/calls.ts';
import { invalidSentence } from '../../contract/invalid.ts';
import { LaunchRequest } from '../../contract/launch.ts';
import { joinPath } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { OpenTerminal } from '../../link/terminal-agent-end.ts';
import type { ActParts } from '../act/act-parts.ts';
import type { Launches } from './launches.ts';
import { RATES, rateSides, rateText } from './rate-words.ts';
import type { Templates } from './templates.ts';
import { openTerminal } from './terminal.ts';

export interface LaunchOperationsParts extends Pick<ActParts, 'io' | 'journal' | 'reach' | 'reporter'> {
  readonly launches: Launches;
  readonly templates: Templates;
}

/** The names of the rates in write events. */
/** The environment may hold secrets, and viewers read in reports what was done. */
function withoutEnv<T extends { readonly env?: unknown }>({ env: _secret, ...request }: T): Omit<T, 'env'> {
  return request;
}

export class LaunchOperations {
  readonly #parts: LaunchOperationsParts;

  constructor(parts: LaunchOperationsParts) {
    this.#parts = parts;
  }

  async launch(request: CallParams<'launch'>, by: string): Promise<CallAnswer<'launch'>> {
    const { reach, journal, launches, reporter } = this.#parts;
    const group = joinPath(reach.managedRoot, request.name);
    reach.mayWrite(group);
    const answer = await journal.record(
      { by, action: 'launch', group, facts: { request: withoutEnv(request) } },
      () => launches.launch(group, request, by),
      (done) => done,
    );
    reporter.report({ kind: 'launch', group, pid: answer.pid, argv: request.argv, by, time: Date.now() });
    return answer;
  }

  async join({ group, inode, ...request }: CallParams<'join'>, by: string): Promise<CallAnswer<'join'>> {
    this.#check(group, inode);
    const { journal, launches, reporter } = this.#parts;
    const { id, pid, launchMs } = await journal.record(
      { by, action: 'join', group, facts: { request: withoutEnv(request) } },
      () => launches.join({ group, inode }, request, by),
      (done) => ({ id: done.id, pid: done.pid }),
    );
    reporter.report({ kind: 'launch', group, pid, argv: request.argv, launchId: id, by, time: Date.now() });
    return { group, id, pid, launchMs };
  }

  async stop({ group, inode, graceMs }: CallParams<'stop'>, by: string): Promise<CallAnswer<'stop'>> {
    this.#check(group, inode);
    const { journal, launches, reporter } = this.#parts;
    const answer = await journal.record(
      { by, action: 'stop', group, facts: { graceMs }, safer: true },
      () => launches.stop({ group, inode }, graceMs),
      (done) => done,
    );
    if (answer.killed.length > 0) reporter.report({ kind: 'kill', group, pids: answer.killed, signal: 'SIGKILL', by, time: Date.now() });
    return { group, ...answer };
  }

  async setRates({ group, inode, rates, replaces }: CallParams<'setRates'>, by: string): Promise<CallAnswer<'setRates'>> {
    this.#check(group, inode);
    const { journal, launches, reporter } = this.#parts;
    const known = launches.records.get(group)?.main?.network;
    const before = known?.rates ?? {};
    const changed = known && LaunchRequest.safeParse({ ...launches.records.known(group).main.request, rates: { ...before, ...rates } });
    if (changed?.error) throw new ProblemError('invalid', invalidSentence(changed.error, 'The launch', rates), { file: group });
    const network = await journal.record({ by, action: 'rates', group, facts: { rates } }, () =>
      launches.setRates({ group, inode }, rates, replaces),
    );
    for (const side of rateSides) {
      if (rates[side] === undefined) continue;
      const texts = { old: rateText(before[side]), new: rateText(network.rates[side]), asked: rateText(rates[side]) };
      reporter.report({ kind: 'write', group, file: RATES[side], ...texts, by, time: Date.now() });
    }
    return network;
  }

  async keepLayer({ group, inode, name }: CallParams<'keepLayer'>, by: string): Promise<CallAnswer<'keepLayer'>> {
    this.#check(group, inode);
    const { journal, launches } = this.#parts;
    await journal.record({ by, action: 'keep layer', group, facts: { name } }, () => launches.keepLayer({ group, inode }, name));
    const layer = (await launches.layers.kept()).find((kept) => kept.name === name);
    if (!layer) throw new ProblemError('not_found', `The layer ${name} was removed meanwhile.`, { file: name });
    return layer;
  }

  dropLayer({ name }: CallParams<'dropLayer'>, by: string): Promise<CallAnswer<'dropLayer'>> {
    return this.#record('drop layer', name, by, async () => {
      await this.#parts.launches.layers.drop(name);
      return {};
    });
  }

  saveTemplate({ replaces, ...template }: CallParams<'saveTemplate'>, by: string): Promise<CallAnswer<'saveTemplate'>> {
    return this.#record('save template', template.name, by, () => this.#parts.templates.save(template, replaces));
  }

  removeTemplate({ name, replaces }: CallParams<'removeTemplate'>, by: string): Promise<CallAnswer<'removeTemplate'>> {
    return this.#record('remove template', name, by, () => {
      this.#parts.templates.remove(name, replaces);
      return {};
    });
  }

  /** Connects a peer to a launch's terminal. Typing there needs the same permission as other operations. */
  readonly openTerminal: OpenTerminal = async ({ group, inode, id }, peer, { mayType, by, again }) => {
    const { io, reach, journal, launches } = this.#parts;
    const open = () => {
      // In the same step: the folder is that launch's alone.
      if (inode !== undefined) io.group(group, inode);
      return openTerminal(launches.records.terminal(group, id), peer);
    };
    if (!mayType) return open();
    reach.mayWrite(group);
    if (again) return open();
    return journal.record({ by, action: 'terminal', group, facts: { id } }, open);
  };

  #check(group: string, inode: number | undefined): void {
    this.#parts.io.group(group, inode);
    this.#parts.reach.mayWrite(group);
  }

  /** Journals an action that belongs to no group. */
  #record<A>(action: string, name: string, by: string, act: () => A | Promise<A>): Promise<A> {
    return this.#parts.journal.record({ by, action, group: '/', facts: { name } }, async () => act());
  }
}
