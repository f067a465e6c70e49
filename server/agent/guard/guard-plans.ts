// guards.json: the guard of each group or pattern, which a person may write with an editor or by calls; read again when it changes.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { groupMatcher, literalPart } from '../../contract/group-pattern.ts';
import { planWords } from '../../contract/guard-words.ts';
import { type GuardFile, GuardFile as GuardFileSchema, type GuardPlan, MOST_GUARDS } from '../../contract/guards.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { ProblemError } from '../../contract/problems.ts';
import { textIfThere } from '../kernel/text-if-there.ts';
import { writeWhole } from '../state/json-file.ts';

export interface MatchedPlan {
  readonly pattern: string;
  readonly plan: GuardPlan;
}

interface Matcher extends MatchedPlan {
  readonly matches: (group: string) => boolean;
}

/** Characters before the first one that matches others, then all: of `/a/**`, `/a/b*` and `/a/b` the last is the narrowest. */
function narrowness(pattern: string): readonly [exact: number, before: number, length: number] {
  const { length } = literalPart(pattern);
  return [length === pattern.length ? 1 : 0, length, pattern.length];
}

function byNarrowness(a: MatchedPlan, b: MatchedPlan): number {
  const [left, right] = [narrowness(a.pattern), narrowness(b.pattern)];
  return right[0] - left[0] || right[1] - left[1] || right[2] - left[2] || (a.pattern < b.pattern ? -1 : 1);
}

export class GuardPlans {
  readonly #path: string;
  readonly #ofLaunch: (group: string) => GuardPlan | undefined;
  #file: GuardFile = { guards: {} };
  #matchers: Matcher[] = [];
  #stamp = '';
  /** What is wrong with the file; the plans before it was changed apply. */
  problem: string | undefined;

  /** @param ofLaunch the guard that a launch was requested with: only one for exactly its group applies instead */
  constructor(stateDir: string, ofLaunch: (group: string) => GuardPlan | undefined = () => undefined) {
    this.#ofLaunch = ofLaunch;
    this.#path = join(stateDir, 'guards.json');
  }

  get guards(): GuardFile['guards'] {
    return this.#file.guards;
  }

  /** Reads the file if it was changed. @returns whether the plans may be others now */
  reload(): boolean {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return false;
    this.#stamp = stamp;
    const text = textIfThere(this.#path);
    if (text === undefined && stamp !== '') {
      this.problem = `${this.#path} cannot be read: the guards from before apply.`;
      return false;
    }
    const checked = GuardFileSchema.safeParse(text === undefined ? { guards: {} } : parseJson(text));
    if (!checked.success) {
      const [issue] = checked.error.issues;
      const where =
        issue === undefined || issue.path.length === 0
          ? 'it is no JSON of the form {"guards": {…}}'
          : `${issue.path.join(' → ')}: ${issue.message}`;
      this.problem = `${this.#path} is not valid, so the guards from before apply: ${where}`;
      return false;
    }
    this.problem = undefined;
    this.#use(checked.data);
    return true;
  }

  /** The narrowest plan that matches; undefined also where that is off. */
  match(group: string): MatchedPlan | undefined {
    const found = this.#matchers.find(({ matches }) => matches(group));
    // Characters that would match others are escaped in an entry for one group.
    const isOwn = found?.pattern.replace(/\\(.)/g, '$1') === group;
    const launched = isOwn ? undefined : this.#ofLaunch(group);
    const matched = launched ? { pattern: group, plan: launched } : found;
    return matched?.plan.off ? undefined : matched;
  }

  /**
   * @param replaces the plan that its caller saw, null for none; undefined: whatever there is
   * @throws ProblemError changed if the pattern has another plan and not yet the wanted one, busy if the disk refuses it, conflict while the file
   * has a mistake that a write would remove
   */
  set(pattern: string, plan: GuardPlan | undefined, replaces?: GuardPlan | null): void {
    this.reload();
    if (this.problem !== undefined) throw new ProblemError('conflict', `${this.problem} Correct or remove it first.`, { file: this.#path });
    if (plan === undefined && this.guards[pattern] === undefined)
      throw new ProblemError('not_found', `There is no guard for ${pattern}.`, { file: this.#path });
    this.#mustReplace(pattern, plan, replaces);
    const { [pattern]: _, ...others } = this.guards;
    const file = { guards: plan === undefined ? others : { ...others, [pattern]: plan } };
    if (Object.keys(file.guards).length > MOST_GUARDS)
      throw new ProblemError('invalid', `There are ${MOST_GUARDS} guards, and no more are taken: use a pattern for many groups.`, {
        file: this.#path,
      });
    try {
      writeWhole(this.#path, `${JSON.stringify(file, undefined, 2)}\n`);
    } catch (cause) {
      throw new ProblemError('busy', `Nothing was changed: ${this.#path} cannot be written. Free disk space, then try again.`, {
        file: this.#path,
        cause,
      });
    }
    this.#stamp = stampOf(this.#path);
    this.#use(file);
  }

  #mustReplace(pattern: string, wanted: GuardPlan | undefined, replaces: GuardPlan | null | undefined): void {
    const now = this.guards[pattern];
    if (replaces === undefined || isDeepStrictEqual(now, replaces ?? undefined) || isDeepStrictEqual(now, wanted)) return;
    const [is, was] = [now, replaces ?? undefined].map((plan) => (plan ? planWords(plan) : 'No guard.'));
    throw new ProblemError('changed', `The guard of ${pattern} was changed meanwhile, and nothing was done. It is now: ${is}`, {
      file: this.#path,
      asked: was,
      now: is,
    });
  }

  #use(file: GuardFile): void {
    // Making one takes long enough to be noticed for a thousand.
    const made = new Map(this.#matchers.map(({ pattern, matches }) => [pattern, matches]));
    this.#file = file;
    this.#matchers = Object.entries(file.guards)
      .map(([pattern, plan]) => ({ pattern, plan, matches: made.get(pattern) ?? groupMatcher([pattern]) }))
      .sort(byNarrowness);
  }
}

/** Another text for each version of the file; empty without one. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? '' : `${stat.ino} ${stat.mtimeNs} ${stat.size}`;
}
