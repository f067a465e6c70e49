// From the agent to all clients: keeps the state for late-comers, forwards frames as they are, and sees that no event is lost.
import type { WebSocket } from 'ws';
import type { Event } from '../../contract/events.ts';
import { decodeFrame, type Frame } from '../../contract/frame.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import { toJsonFrame } from '../../contract/stream.ts';
import type { Hello } from '../../link/web-end.ts';
import type { Actor } from '../access.ts';
import type { AgentLink } from '../agent-link.ts';
import { OomKills } from '../oom-kills.ts';
import { BOUNDS, type Bounds, CLOSE, StreamClient } from './client.ts';
import { EventMemory } from './event-memory.ts';
import { FullFrame } from './full-frame.ts';
import { OldEvents } from './old-events.ts';

const EVENTS_KEPT = 20_000;
const PING_EVERY_MS = 20_000;
const LATE_TICKS = 3;
/** On top of them, for a busy machine. */
const LATE_GRACE_MS = 2_000;
/** Each may hold back megabytes. */
const MAX_CLIENTS = 200;

export interface HubOptions {
  readonly version: string;
  readonly host: string;
  readonly intervalMs: number;
  readonly agent: AgentLink;
  /** A frame that does not follow the last one: a full one is needed. */
  readonly onGap: () => void;
  readonly bounds?: Bounds;
  readonly eventsKept?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

export interface ClientOptions {
  readonly actor: Actor;
  readonly json: boolean;
  /** The last event that the client has; undefined: it wants none from before. */
  readonly since: number | undefined;
}

export class StreamHub {
  readonly mirror = new GroupMirror();
  readonly oomKills = new OomKills(this.mirror);
  readonly #options: HubOptions;
  readonly #clients = new Set<StreamClient>();
  readonly #events: EventMemory;
  readonly #old: OldEvents;
  readonly #full = new FullFrame(this.mirror);
  readonly #pings: NodeJS.Timeout;
  readonly #now: () => number;
  #host: string;
  #connected = false;
  #framesSkipped = 0;
  /** When the last frame came, or the connection began. */
  #heardMs: number | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#now = options.now ?? (() => performance.now());
    this.#events = new EventMemory(options.eventsKept ?? EVENTS_KEPT);
    this.#old = new OldEvents(options.agent, this.#events);
    this.#pings = setInterval(() => {
      for (const client of this.#clients) client.heartbeat(Date.now());
    }, PING_EVERY_MS);
    this.#pings.unref();
  }

  get connected(): boolean {
    return this.#connected;
  }

  get frameAgeMs(): number | undefined {
    return this.#heardMs === undefined ? undefined : this.#now() - this.#heardMs;
  }

  /** A few ticks have not come: the agent hangs, or cannot read. */
  get isLate(): boolean {
    return (this.frameAgeMs ?? 0) > LATE_TICKS * (this.mirror.head?.tick.intervalMs ?? this.#options.intervalMs) + LATE_GRACE_MS;
  }

  /** What the mirror has is of now. */
  get isFresh(): boolean {
    return this.#connected && !this.isLate;
  }

  get clients(): number {
    return this.#clients.size;
  }

  get isFull(): boolean {
    return this.#clients.size >= MAX_CLIENTS;
  }

  get framesSkipped(): number {
    return this.#framesSkipped;
  }

  /** What the agent is asked for when a connection begins: events after this one. */
  get lastEventId(): number | undefined {
    return this.#events.lastId;
  }

  hello(hello: Hello): void {
    this.#host = hello.host;
    if (this.#events.begin(hello)) return;
    for (const client of this.#clients) client.close(CLOSE.tryAgain, 'events were missed: come back with since=');
  }

  agentConnected(connected: boolean): void {
    this.#connected = connected;
    if (connected) this.#heardMs = this.#now();
    for (const client of this.#clients) client.tell({ type: 'agent', connected });
    if (connected) this.#old.resume();
  }

  /** @throws Error for what is no frame */
  frame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    const clients = [...this.#clients];
    const pathOf = clients.some(({ json }) => json) ? this.#removedPaths(frame) : () => undefined;
    if (!this.mirror.apply(frame)) {
      this.#options.onGap();
      return;
    }
    this.#heardMs = this.#now();
    this.oomKills.begin();
    this.#full.forget();
    let text: string | undefined;
    const json = () => {
      text ??= JSON.stringify(toJsonFrame(frame, this.mirror, pathOf));
      return text;
    };
    for (const client of clients) client.frame(client.json ? json() : bytes, () => this.#full.make(client.json));
  }

  event(event: Event): void {
    const text = this.#events.add(event);
    if (text === undefined) return;
    this.oomKills.add(event);
    for (const client of this.#clients) if (client.live) client.event(text);
  }

  add(socket: WebSocket, options: ClientOptions): void {
    const { actor, json, since } = options;
    const client = new StreamClient(socket, {
      actor,
      json,
      bounds: this.#options.bounds ?? BOUNDS,
      onSkip: () => {
        this.#framesSkipped++;
      },
    });
    socket.once('close', () => this.#clients.delete(client));
    this.#clients.add(client);
    const { version, intervalMs } = this.#options;
    const lastEventId = this.#events.lastId ?? 0;
    client.tell({ type: 'hello', host: this.#host, role: actor.role, name: actor.name, version, lastEventId, intervalMs });
    if (!this.#connected) client.tell({ type: 'agent', connected: false });
    void this.#old.send(client, since);
    const full = this.#full.make(json);
    if (full !== undefined) client.frame(full, () => full);
  }

  /** Somebody logged out: what this session opened is closed. */
  endSession(id: string): void {
    for (const client of this.#clients) if (client.actor.session?.id === id) client.close(CLOSE.policy, 'logged out');
  }

  /** Clients are told to come back, and are gone when this returns or soon after. */
  close(): void {
    clearInterval(this.#pings);
    for (const client of this.#clients) client.close(CLOSE.goingAway, 'cgdeck is stopping');
  }

  terminate(): void {
    for (const client of this.#clients) client.terminate();
  }

  /** Removed groups are named by their paths, which are gone once the frame is applied. */
  #removedPaths(frame: Frame): (gid: number) => string | undefined {
    const paths = new Map(frame.removed.map((gid) => [gid, this.mirror.groups.get(gid)?.entry.path]));
    return (gid) => paths.get(gid);
  }
}
