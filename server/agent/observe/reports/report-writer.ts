// Writes a report for each OOM kill and each caught group, after the event was sent: kills of a group within a second share one.
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import type { Event } from '../../../contract/events.ts';
import { reportSentence } from '../../../contract/report-sentence.ts';
import type { Report, ReportDecision } from '../../../contract/reports.ts';
import type { ReportFiles } from '../../state/report-files.ts';
import type { StateFaults } from '../../state/state-faults.ts';
import { type AssemblyParts, assemble } from './assembly.ts';
import { begin, limitGroupOf, type Occasion, witness } from './occasion.ts';

export interface ReportWriterOptions extends AssemblyParts {
  readonly files: ReportFiles;
  readonly faults: StateFaults;
}

type DecisionEvent = Extract<Event, { kind: 'decision' }>;

/** Events of one group within this time are one report. */
const MERGE_MS = 1000;
/** Groups whose reports are being made; kills in more of them at once have none, which is reported. */
const MOST_WAITING = 1000;
const FAULT = 'reports skipped';

export class ReportWriter {
  readonly #options: ReportWriterOptions;
  /** By group and limit: events that come now are added. */
  readonly #open = new Map<string, Occasion>();
  /** Those to which no event is added any more; the first is being written. */
  readonly #making: Occasion[] = [];
  readonly #made = new WeakMap<Occasion, PromiseWithResolvers<void>>();
  readonly #amending = new Set<Promise<void>>();
  readonly #timers = new Set<Promise<void>>();
  #skipped = 0;
  #working: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(options: ReportWriterOptions) {
    this.#options = options;
    // After all who listen have the event.
    options.log.onEvent((event) => {
      if (event.kind === 'oom_kill') setImmediate(() => this.#take('kill', event, limitGroupOf(event)));
      if (event.kind === 'decision') setImmediate(() => this.#decided(event));
    });
  }

  /**
   * A guard caught a group.
   * @param event the one that reported it: the report has its id
   * @param limitGroup whose limit it was about to reach: its own or an ancestor's
   */
  caught(event: Event, limitGroup?: string): void {
    setImmediate(() => this.#take('catch', event, limitGroup));
  }

  /** What was decided for a held group is added to the report about it, whenever that is. */
  #decided({ hold, time, afterMs, by, do: what, outcome, sentence }: DecisionEvent): void {
    const decision = {
      time,
      ...(afterMs === undefined ? {} : { afterMs }),
      ...(by === undefined ? {} : { by }),
      do: what,
      outcome,
      sentence,
    };
    const isAbout = ({ kind, events }: Occasion) => kind === 'catch' && events.some(({ id }) => id === hold);
    const open = [...this.#open.values()].find(isAbout);
    if (open) {
      open.decisions.push(decision);
      return;
    }
    const being = this.#making.find(isAbout);
    const amended = Promise.resolve(being && this.#made.get(being)?.promise)
      .then(() => this.#options.files.amend(hold, (report) => withDecision(report, decision)))
      .catch((error: unknown) => console.error('agent: a report could not be completed:', error))
      .finally(() => this.#amending.delete(amended));
    this.#amending.add(amended);
  }

  /** The report about an event; of one that is being made, once it is. */
  async get(id: number): Promise<Report | undefined> {
    const being = [...this.#open.values(), ...this.#making].find(({ events }) => events.some((event) => event.id === id));
    if (being) await this.#made.get(being)?.promise;
    return this.#options.files.get(id);
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    // What was reported a moment ago.
    await nextTurn();
    this.#stop.abort();
    await Promise.all(this.#timers);
    while (this.#working) await this.#working;
    await Promise.all(this.#amending);
    await this.#options.files.close();
  }

  /** Takes now what is gone a moment later. */
  #take(kind: Occasion['kind'], event: Event, limitGroup: string | undefined): void {
    const key = `${kind} ${limitGroup ?? ''} ${event.group}`;
    const open = this.#open.get(key);
    if (open) {
      witness(this.#options, open, event);
      return;
    }
    if (this.#open.size + this.#making.length >= MOST_WAITING) {
      this.#options.faults.set(FAULT, `${++this.#skipped} OOM kills have no report: too many groups had one at once.`);
      return;
    }
    const occasion = begin(this.#options, kind, event, limitGroup);
    this.#open.set(key, occasion);
    this.#made.set(occasion, Promise.withResolvers());
    const timer = setTimeout(MERGE_MS, undefined, { signal: this.#stop.signal })
      .catch(() => {})
      .then(() => {
        this.#timers.delete(timer);
        this.#open.delete(key);
        this.#making.push(occasion);
        this.#working ??= this.#work();
      });
    this.#timers.add(timer);
  }

  async #work(): Promise<void> {
    for (let occasion = this.#making[0]; occasion; occasion = this.#making[0]) {
      await nextTurn();
      try {
        await this.#options.files.add(assemble(this.#options, occasion));
      } catch (error) {
        console.error('agent: a report could not be made:', error);
        this.#options.faults.set(FAULT, `A report about ${occasion.group} could not be made after an internal error.`);
      }
      this.#making.shift();
      this.#made.get(occasion)?.resolve();
    }
    this.#working = undefined;
  }
}

/** The last ones of a group that its guard tries again and again. */
const MOST_DECISIONS = 50;

function withDecision({ sentence: _, ...facts }: Report, decision: ReportDecision): Report {
  const completed = { ...facts, decisions: [...(facts.decisions ?? []), decision].slice(-MOST_DECISIONS) };
  return { ...completed, sentence: reportSentence(completed) };
}
