// Events from while the web process, or all of cgdeck, was not running: they are reported once the agent is connected.
import type { Event } from '../../contract/events.ts';
import type { AgentLink } from '../agent-link.ts';

/** What is older is no news. */
const NEWS_MS = 24 * 3_600_000;
/** The most that one call answers. */
const MOST = 10_000;
/** How often at most it is stored how far events were reported. */
const STORE_EVERY_MS = 30_000;

export interface CatchUpOptions {
  /** The last event that an earlier life has reported; undefined: there was none. */
  readonly seen: number | undefined;
  readonly agent: Pick<AgentLink, 'call'>;
  readonly report: (event: Event) => void;
  /** Stores how far events were reported. */
  readonly store: (id: number) => void;
}

export class CatchUp {
  readonly #options: CatchUpOptions;
  #seen: number | undefined;
  #stored: number | undefined;
  #isDone = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
    this.#seen = options.seen;
    this.#stored = options.seen;
  }

  /** Call it when a connection begins. @param lastId the log’s last event: later ones come by the stream */
  async begin(lastId: number): Promise<void> {
    if (this.#isDone) return;
    this.#isDone = true;
    const since = this.#options.seen;
    // Smaller ids are those of a new log.
    if (since !== undefined && since < lastId) {
      try {
        const { events } = await this.#options.agent.call('events', { since, limit: MOST }, { role: 'viewer', name: 'notices' });
        const oldest = Date.now() - NEWS_MS;
        for (const event of events) if (event.id <= lastId && event.time >= oldest) this.#options.report(event);
      } catch {
        // It is disconnected again: the next connection asks once more.
        this.#isDone = false;
        return;
      }
    }
    this.#note(since !== undefined && since > lastId ? lastId : Math.max(lastId, this.#seen ?? 0));
  }

  /** An event that came by the stream. */
  event(event: Event): void {
    if (this.#isDone) this.#note(event.id);
    this.#options.report(event);
  }

  /** Stores what has not been stored yet. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#seen === undefined || this.#seen === this.#stored) return;
    this.#stored = this.#seen;
    this.#options.store(this.#seen);
  }

  #note(id: number): void {
    this.#seen = id;
    this.#timer ??= setTimeout(() => this.close(), STORE_EVERY_MS).unref();
  }
}
