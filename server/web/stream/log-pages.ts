// Pages of the agent's event log as text: who asks for the same page at the same time shares one call.
import type { Role } from '../../contract/call.ts';
import type { StreamMessage } from '../../contract/stream.ts';
import type { AgentLink } from '../agent-link.ts';
import { eventText } from './event-memory.ts';

const PAGE = 1_000;
/** Some hundred KiB each. */
const MOST_KEPT = 8;

export interface LogPage {
  /** Gaps and events, in order. */
  readonly texts: readonly string[];
  /** Of the last event; undefined if the log has none. */
  readonly lastId: number | undefined;
}

export class LogPages {
  readonly #agent: AgentLink;
  /** By role and place, oldest first. */
  readonly #pages = new Map<string, Promise<LogPage>>();

  constructor(agent: AgentLink) {
    this.#agent = agent;
  }

  /** @throws ProblemError the agent's */
  page(since: number, role: Role): Promise<LogPage> {
    // What a viewer asked for may wait behind other viewers' calls: an operator does not wait for it.
    const key = `${role} ${since}`;
    const known = this.#pages.get(key);
    if (known) return known;
    const page = this.#ask(since, role);
    this.#pages.set(key, page);
    for (const oldest of this.#pages.keys()) if (this.#pages.size > MOST_KEPT) this.#pages.delete(oldest);
    const forget = () => {
      if (this.#pages.get(key) === page) this.#pages.delete(key);
    };
    // None at all is no page to keep: what follows depends on when it was asked for.
    void page.then(({ lastId }) => lastId === undefined && forget(), forget);
    return page;
  }

  forgetAll(): void {
    this.#pages.clear();
  }

  async #ask(since: number, role: Role): Promise<LogPage> {
    const { events, gaps = [] } = await this.#agent.call('events', { since, limit: PAGE }, { role, name: 'stream' });
    const missing = gaps.map((gap) => JSON.stringify({ type: 'gap', gap } satisfies StreamMessage));
    return { texts: [...missing, ...events.map(eventText)], lastId: events.at(-1)?.id };
  }
}
