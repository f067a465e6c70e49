// Sends a new client earlier events, from memory or, if older, from the agent's log.
import type { CallAnswer } from '../../contract/calls.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { StreamMessage } from '../../contract/stream.ts';
import type { AgentLink } from '../agent-link.ts';
import { CLOSE, type StreamClient } from './client.ts';
import { type EventMemory, eventText } from './event-memory.ts';

const PAGE = 1_000;
/** Small compared with the backlog that a client may have. */
const PAGE_CHARACTERS = 64 * 1024;
const BY = { role: 'viewer', name: 'stream' } as const;

export class OldEvents {
  readonly #agent: AgentLink;
  readonly #memory: EventMemory;
  #reconnected = Promise.withResolvers<void>();

  constructor(agent: AgentLink, memory: EventMemory) {
    this.#agent = agent;
    this.#memory = memory;
  }

  /** The agent is connected again: waiting clients continue. */
  resume(): void {
    this.#reconnected.resolve();
    this.#reconnected = Promise.withResolvers();
  }

  /** Sends the events after `since` in order, then makes the client live; synchronously if all are in memory. */
  async send(client: StreamClient, since: number | undefined): Promise<void> {
    let at = since ?? this.#memory.lastId;
    while (at !== undefined) {
      at = this.#memory.isCompleteSince(at) ? this.#sendRemembered(client, at) : await this.#sendLogged(client, at);
      // No await between the last one and going live, or an event could be lost.
      if (at === undefined) break;
      await client.drained();
      if (!client.isOpen) return;
    }
    client.live = true;
  }

  /** The first of the events after `since`, for who asks now and then. @returns none where they cannot be had now */
  async some(since: number): Promise<readonly string[]> {
    if (this.#memory.isCompleteSince(since)) return this.#memory.since(since, PAGE_CHARACTERS).texts;
    if (!this.#agent.connected || this.#memory.lastId === undefined) return [];
    const { events, gaps = [] } = await this.#agent.call('events', { since, limit: PAGE }, BY);
    const rest = events.length === 0 ? this.#memory.since(this.#memory.completeSince, PAGE_CHARACTERS).texts : events.map(eventText);
    return [...gaps.map((gap) => JSON.stringify({ type: 'gap', gap } satisfies StreamMessage)), ...rest];
  }

  /** @returns the id to continue from; undefined after the last one */
  #sendRemembered(client: StreamClient, since: number): number | undefined {
    const { texts, continueFrom } = this.#memory.since(since, PAGE_CHARACTERS);
    for (const text of texts) client.event(text);
    return continueFrom;
  }

  /** @returns the id to continue from */
  async #sendLogged(client: StreamClient, since: number): Promise<number> {
    const { events, gaps = [] } = await this.#page(client, since);
    for (const gap of gaps) client.send({ type: 'gap', gap });
    for (const event of events) client.event(eventText(event));
    // If the log has none, continue with those in memory.
    return events.at(-1)?.id ?? Math.max(since, this.#memory.completeSince);
  }

  /** @returns no events if the client has disconnected, or was disconnected because the agent refuses */
  async #page(client: StreamClient, since: number): Promise<Pick<CallAnswer<'events'>, 'events' | 'gaps'>> {
    while (client.isOpen) {
      if (!this.#agent.connected || this.#memory.lastId === undefined) {
        await this.#reconnected.promise;
        continue;
      }
      try {
        return await this.#agent.call('events', { since, limit: PAGE }, BY);
      } catch (error) {
        if (!(error instanceof ProblemError) || this.#agent.connected) client.close(CLOSE.tryAgain, 'older events cannot be read now');
      }
    }
    return { events: [] };
  }
}
