// Sends a new client earlier events, from memory or, if older, from the agent's log.
import { setImmediate as othersFirst } from 'node:timers/promises';
import type { Role } from '../../contract/call.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { AgentLink } from '../agent-link.ts';
import { CLOSE, type StreamClient } from './client.ts';
import type { EventMemory } from './event-memory.ts';
import { LogPages } from './log-pages.ts';
import { Turns } from './turns.ts';

/** Small compared with the backlog that a client may have. */
const PAGE_CHARACTERS = 64 * 1024;
/** Pages of the log that are asked for and sent at once: many clients together must not delay an act. */
const AT_ONCE = 4;

type Client = Pick<StreamClient, 'actor' | 'close' | 'drained' | 'event' | 'isOpen' | 'live'>;

export class OldEvents {
  readonly #agent: AgentLink;
  readonly #memory: EventMemory;
  readonly #log: LogPages;
  readonly #turns = new Turns(AT_ONCE);
  #reconnected = Promise.withResolvers<void>();

  constructor(agent: AgentLink, memory: EventMemory) {
    this.#agent = agent;
    this.#memory = memory;
    this.#log = new LogPages(agent);
  }

  /** The agent is connected again: waiting clients continue. */
  resume(): void {
    this.#log.forgetAll();
    this.#reconnected.resolve();
    this.#reconnected = Promise.withResolvers();
  }

  /** Sends the events after `since` in order, then makes the client live; synchronously if all are in memory. */
  async send(client: Client, since: number | undefined): Promise<void> {
    let at = since ?? this.#memory.lastId;
    // What a client does not read is not asked for.
    if (at !== undefined && !this.#memory.isCompleteSince(at)) await client.drained();
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
  async some(since: number, role: Role): Promise<readonly string[]> {
    if (this.#memory.isCompleteSince(since)) return this.#memory.since(since, PAGE_CHARACTERS).texts;
    if (!this.#agent.connected || this.#memory.lastId === undefined) return [];
    const { texts, lastId } = await this.#turn(role, () => this.#log.page(since, role));
    return lastId === undefined ? [...texts, ...this.#memory.since(this.#memory.completeSince, PAGE_CHARACTERS).texts] : texts;
  }

  /** @returns the id to continue from; undefined after the last one */
  #sendRemembered(client: Client, since: number): number | undefined {
    const { texts, continueFrom } = this.#memory.since(since, PAGE_CHARACTERS);
    for (const text of texts) client.event(text);
    return continueFrom;
  }

  /** @returns the id to continue from; the client has disconnected, or was disconnected because the agent refuses, if it is not open */
  async #sendLogged(client: Client, since: number): Promise<number> {
    const { role } = client.actor;
    while (client.isOpen) {
      if (!this.#agent.connected || this.#memory.lastId === undefined) {
        await this.#reconnected.promise;
        continue;
      }
      try {
        return await this.#turn(role, async () => {
          // It may have left while it waited.
          if (!client.isOpen) return since;
          const { texts, lastId } = await this.#log.page(since, role);
          for (const text of texts) client.event(text);
          // If the log has none, continue with those in memory.
          const next = lastId ?? Math.max(since, this.#memory.completeSince);
          await othersFirst();
          return next;
        });
      } catch (error) {
        if (!(error instanceof ProblemError) || this.#agent.connected) client.close(CLOSE.tryAgain, 'older events cannot be read now');
      }
    }
    return since;
  }

  async #turn<T>(role: Role, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#turns.take(role, work);
    } finally {
      if (this.#turns.isIdle) this.#log.forgetAll();
    }
  }
}
