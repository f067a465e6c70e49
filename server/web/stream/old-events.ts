// Events from before a client came: from memory where they are there, from the agent's log where they are older.
import type { CallAnswer } from '../../contract/calls.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { AgentLink } from '../agent-link.ts';
import { CLOSE, type StreamClient } from './client.ts';
import { type EventMemory, eventText } from './event-memory.ts';

const PAGE = 1_000;
/** Small against what a client may leave unread. */
const PAGE_CHARACTERS = 64 * 1024;
const BY = { role: 'viewer', name: 'stream' } as const;

export class OldEvents {
  readonly #agent: AgentLink;
  readonly #memory: EventMemory;
  #back = Promise.withResolvers<void>();

  constructor(agent: AgentLink, memory: EventMemory) {
    this.#agent = agent;
    this.#memory = memory;
  }

  /** The agent is back: whoever waits for it goes on. */
  resume(): void {
    this.#back.resolve();
    this.#back = Promise.withResolvers();
  }

  /** Sends what happened after `since`, in order, and then lets new events through. Without older ones to fetch, before this returns. */
  async send(client: StreamClient, since: number | undefined): Promise<void> {
    let at = since ?? this.#memory.lastId;
    while (at !== undefined) {
      at = this.#memory.isCompleteSince(at) ? this.#sendRemembered(client, at) : await this.#sendLogged(client, at);
      // Nothing may happen between the last one and the first that comes live: no waiting here.
      if (at === undefined) break;
      await client.drained();
      if (!client.isOpen) return;
    }
    client.live = true;
  }

  /** @returns the id to go on from, or undefined after the last one */
  #sendRemembered(client: StreamClient, since: number): number | undefined {
    const { texts, goOnFrom } = this.#memory.since(since, PAGE_CHARACTERS);
    for (const text of texts) client.event(text);
    return goOnFrom;
  }

  /** @returns the id to go on from */
  async #sendLogged(client: StreamClient, since: number): Promise<number> {
    const { events, gaps = [] } = await this.#page(client, since);
    for (const gap of gaps) client.tell({ type: 'gap', gap });
    for (const event of events) client.event(eventText(event));
    // Where the log holds none, what is in memory is all there is.
    return events.at(-1)?.id ?? Math.max(since, this.#memory.completeSince);
  }

  /** @returns nothing where the client is gone, or was sent away because the agent cannot answer */
  async #page(client: StreamClient, since: number): Promise<Pick<CallAnswer<'events'>, 'events' | 'gaps'>> {
    while (client.isOpen) {
      if (!this.#agent.connected || this.#memory.lastId === undefined) {
        await this.#back.promise;
        continue;
      }
      try {
        return await this.#agent.call('events', { since, limit: PAGE }, BY);
      } catch (error) {
        if (!(error instanceof ProblemError) || this.#agent.connected) client.close(CLOSE.tryAgain, 'older events cannot be read just now');
      }
    }
    return { events: [] };
  }
}
