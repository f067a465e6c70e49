// Events from before a client came: from memory where they are there, from the agent's log where they are older.
import type { Event } from '../../contract/events.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { AgentLink } from '../agent-link.ts';
import { CLOSE, type StreamClient } from './client.ts';
import { type EventMemory, eventText } from './event-memory.ts';

const PAGE = 1_000;
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
    while (at !== undefined && !this.#memory.isCompleteSince(at)) {
      const page = await this.#page(client, at);
      if (!page) return;
      for (const event of page) client.event(eventText(event));
      // Where the log holds none, what is in memory is all there is.
      at = page.at(-1)?.id ?? this.#memory.completeSince;
      await client.drained();
      if (!client.isOpen) return;
    }
    client.live = true;
    if (at !== undefined) for (const text of this.#memory.since(at)) client.event(text);
  }

  /** @returns undefined where the client is gone, or was sent away because the agent cannot answer */
  async #page(client: StreamClient, since: number): Promise<readonly Event[] | undefined> {
    while (client.isOpen) {
      if (!this.#agent.connected || this.#memory.lastId === undefined) {
        await this.#back.promise;
        continue;
      }
      try {
        return (await this.#agent.call('events', { since, limit: PAGE }, BY)).events;
      } catch (error) {
        if (!(error instanceof ProblemError) || this.#agent.connected) client.close(CLOSE.tryAgain, 'older events cannot be read just now');
      }
    }
    return undefined;
  }
}
