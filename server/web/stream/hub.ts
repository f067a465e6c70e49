// Forwards frames and events from the agent to all clients, and keeps the state for new ones.
import type { WebSocket } from 'ws';
import type { Role } from '../../contract/call.ts';
import type { Event } from '../../contract/events.ts';
import { decodeFrame, type Frame, joinParts } from '../../contract/frame.ts';
import { MOST_SHOWN } from '../../contract/link.ts';
import { GroupMirror } from '../../contract/mirror.ts';
import type { StreamMessage } from '../../contract/stream.ts';
import type { Hello } from '../../link/web-end.ts';
import type { Actor } from '../access.ts';
import type { AgentLink } from '../agent-link.ts';
import { OomKills } from '../oom-kills.ts';
import { CLOSE, StreamClient } from './client.ts';
import { EventMemory } from './event-memory.ts';
import { OldEvents } from './old-events.ts';
import { type Outgoing, outgoingDetail, outgoingState, outgoingTick, type Payload, type Wanted } from './outgoing.ts';
import { type Bounds, Places } from './places.ts';

const EVENTS_KEPT = 20_000;
const PING_EVERY_MS = 20_000;
const LATE_TICKS = 3;
/** In addition, for a busy machine. */
const LATE_GRACE_MS = 2_000;

export interface HubOptions {
  readonly version: string;
  readonly host: string;
  readonly intervalMs: number;
  readonly agent: AgentLink;
  /** Called for a frame that does not follow the last one: a full one is needed. */
  readonly onGap: () => void;
  /** With each frame: the groups that clients show. */
  readonly onShown?: (groups: readonly string[]) => void;
  readonly places?: Places;
  /** For tests: whatever the number of clients. */
  readonly bounds?: Bounds;
  readonly eventsKept?: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now?: () => number;
}

export interface ClientOptions {
  readonly actor: Actor;
  readonly wanted: Wanted;
  /** The client's last event; undefined: it wants only new ones. */
  readonly since: number | undefined;
}

export class StreamHub {
  readonly mirror = new GroupMirror();
  readonly oomKills = new OomKills(this.mirror);
  readonly #options: HubOptions;
  readonly #clients = new Set<StreamClient>();
  readonly #events: EventMemory;
  readonly #old: OldEvents;
  /** Of the present state; encoded once it is wanted, and dropped with the next frame. */
  #full: Outgoing | undefined;
  readonly #places: Places;
  readonly #pings: NodeJS.Timeout;
  readonly #now: () => number;
  #host: string;
  #connected = false;
  #framesSkipped = 0;
  /** When the last frame came, or the connection began. */
  #lastFrameMs: number | undefined;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#places = options.places ?? new Places();
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
    return this.#lastFrameMs === undefined ? undefined : this.#now() - this.#lastFrameMs;
  }

  /** Several ticks are missing: the agent hangs, or cannot read. */
  get isLate(): boolean {
    return (this.frameAgeMs ?? 0) > LATE_TICKS * (this.mirror.head?.tick.intervalMs ?? this.#options.intervalMs) + LATE_GRACE_MS;
  }

  /** Whether the mirror is current. */
  get isFresh(): boolean {
    return this.#connected && !this.isLate;
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Whether there is no place for one more of that role. */
  isFullFor(role: Role): boolean {
    return this.#clients.size >= this.#places.for(role);
  }

  get framesSkipped(): number {
    return this.#framesSkipped;
  }

  /** When a connection begins, the agent is asked for events after this one. */
  get lastEventId(): number | undefined {
    return this.#events.lastId;
  }

  hello(hello: Hello): void {
    this.#host = hello.host;
    if (this.#events.begin(hello)) return;
    for (const client of this.#clients) client.close(CLOSE.tryAgain, 'events were missed: reconnect with since=');
  }

  agentConnected(connected: boolean): void {
    this.#connected = connected;
    if (connected) this.#lastFrameMs = this.#now();
    for (const client of this.#clients) client.send({ type: 'agent', connected });
    if (connected) this.#old.resume();
  }

  /** @throws Error for bytes that are not a frame */
  frame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    const clients = [...this.#clients];
    const pathOf = clients.some(({ wanted }) => wanted.form === 'json') ? this.#removedPaths(frame) : () => undefined;
    if (!this.mirror.apply(frame)) {
      this.#options.onGap();
      return;
    }
    this.#lastFrameMs = this.#now();
    this.oomKills.begin();
    this.#full = undefined;
    const outgoing = outgoingTick(frame, bytes, this.mirror, pathOf);
    for (const client of clients) client.frame(outgoing.for(client.wanted), () => this.#fullFor(client.wanted));
    this.#reportShown();
  }

  #reportShown(): void {
    const shown = new Set<string>();
    const byRole = Object.groupBy(this.#clients, ({ actor }) => actor.role);
    for (const { wanted } of [...(byRole.operator ?? []), ...(byRole.viewer ?? [])])
      if (wanted.detail !== undefined) shown.add(wanted.detail);
    if (shown.size > 0) this.#options.onShown?.([...shown].slice(0, MOST_SHOWN));
  }

  /** Undefined before the first frame. */
  #fullFor(wanted: Wanted): Payload | undefined {
    this.#full ??= outgoingState(this.mirror);
    return this.#full?.for(wanted);
  }

  /** @returns whether it is a new one */
  event(event: Event): boolean {
    const text = this.#events.add(event);
    if (text === undefined) return false;
    this.oomKills.add(event);
    for (const client of this.#clients) if (client.live) client.event(text);
    return true;
  }

  add(socket: WebSocket, options: ClientOptions): void {
    const { actor, wanted, since } = options;
    const client: StreamClient = new StreamClient(socket, {
      actor,
      wanted,
      bounds: () => this.#options.bounds ?? this.#places.boundsFor(this.#clients.size),
      onSkip: () => {
        this.#framesSkipped++;
      },
      onDetail: (detail) => {
        client.wanted = { form: 'summary', detail };
        const payload = detail === undefined ? undefined : outgoingDetail(this.mirror, detail);
        if (payload) client.add(payload);
      },
    });
    socket.once('close', () => this.#clients.delete(client));
    this.#clients.add(client);
    client.send(this.#hello(actor));
    if (!this.#connected) client.send({ type: 'agent', connected: false });
    void this.#old.send(client, since);
    const full = this.#fullFor(wanted);
    if (full !== undefined) client.frame(full, () => full);
  }

  /** What a client that connects now would be sent first: for one that can only ask. */
  async once({ actor, wanted, since }: ClientOptions): Promise<readonly (Uint8Array | string)[]> {
    const events = since === undefined ? [] : await this.#old.some(since, actor.role);
    const hello = { ...this.#hello(actor), ...(this.isFullFor(actor.role) ? { full: true } : {}) };
    const messages: StreamMessage[] = [hello, ...(this.#connected ? [] : [{ type: 'agent', connected: false } as const])];
    // An old frame would pass for a new one.
    if (wanted.detail !== undefined) this.#options.onShown?.([wanted.detail]);
    const full = this.isFresh ? this.#fullFor(wanted) : undefined;
    return [...messages.map((message) => JSON.stringify(message)), ...events, ...(full === undefined ? [] : [whole(full)])];
  }

  /** Closes the clients of a session that was logged out. */
  endSession(id: string): void {
    for (const client of this.#clients) if (client.actor.session?.id === id) client.close(CLOSE.policy, 'logged out');
  }

  /** Asks all clients to close; they may reconnect later. */
  close(): void {
    clearInterval(this.#pings);
    for (const client of this.#clients) client.close(CLOSE.goingAway, 'cgdeck is stopping');
  }

  terminate(): void {
    for (const client of this.#clients) client.terminate();
  }

  #hello({ role, name }: Actor): StreamMessage {
    const { version, intervalMs } = this.#options;
    return { type: 'hello', host: this.#host, role, name, version, lastEventId: this.#events.lastId ?? 0, intervalMs };
  }

  /** The paths of removed groups, which are unknown once the frame is applied. */
  #removedPaths(frame: Frame): (gid: number) => string | undefined {
    const paths = new Map(frame.removed.map((gid) => [gid, this.mirror.groups.get(gid)?.entry.path]));
    return (gid) => paths.get(gid);
  }
}

/** In one piece, which a request's answer needs. */
function whole(payload: Payload): Uint8Array | string {
  const [first = '', ...further] = payload;
  return further.length === 0 ? first : joinParts(...payload.filter((part) => typeof part !== 'string'));
}
