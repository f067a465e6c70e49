// Writes a report for each OOM kill and each caught group, after the event was sent: kills of a group within a second share one.
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import type { Event } from '../../../contract/events.ts';
import type { Report } from '../../../contract/reports.ts';
import type { ReportFiles } from '../../state/report-files.ts';
import type { StateFaults } from '../../state/state-faults.ts';
import { type AssemblyParts, assemble } from './assembly.ts';
import { begin, limitGroupOf, type Occasion, witness } from './occasion.ts';

export interface ReportWriterOptions extends AssemblyParts {
  readonly files: ReportFiles;
  readonly faults: StateFaults;
}

/** Events of one group within this time are one report. */
const MERGE_MS = 1000;
/** Groups whose reports are being made; kills in more of them at once have none, which is said. */
const MOST_WAITING = 1000;
const FAULT = 'reports skipped';

export class ReportWriter {
  readonly #options: ReportWriterOptions;
  /** By group and limit: events that come now are added. */
  readonly #open = new Map<string, Occasion>();
  /** Those to which no event is added any more; the first is being written. */
  readonly #making: Occasion[] = [];
  readonly #made = new WeakMap<Occasion, PromiseWithResolvers<void>>();
  readonly #timers = new Set<Promise<void>>();
  #skipped = 0;
  #working: Promise<void> | undefined;
  readonly #stop = new AbortController();

  constructor(options: ReportWriterOptions) {
    this.#options = options;
    // After all who listen have the event.
    options.log.onEvent((event) => {
      if (event.kind === 'oom_kill') setImmediate(() => this.#take('kill', event, limitGroupOf(event)));
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
