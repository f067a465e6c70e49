// The page’s live store: groups by frames, events, and the state of the connection. React reads it through hooks.ts.
import { createStore } from 'zustand/vanilla';
import type { Host } from '../../server/contract/answers.ts';
import type { Role } from '../../server/contract/call.ts';
import type { CallAnswer } from '../../server/contract/calls.ts';
import type { Event, EventGap } from '../../server/contract/events.ts';
import type { Frame, TickHealth } from '../../server/contract/frame.ts';
import type { StreamMessage } from '../../server/contract/stream.ts';
import { api, askStream, openSocket, probe, streamPath, whenDenied } from './api.ts';
import { Backfill, samplesBefore } from './backfill.ts';
import { DetailWanted } from './detail.ts';
import { LiveGroups } from './groups.ts';
import { HistoryTracks } from './history.ts';
import { LiveEvents } from './live-events.ts';
import { Stream, type StreamDeps, type Via } from './stream.ts';
import { Troubles } from './trouble.ts';
import { onVisible, onWake } from './wake.ts';

export interface Connection {
  readonly state: 'connecting' | 'live' | 'stale' | 'denied';
  /** Wall-clock ms of the last frame, while stale. */
  readonly sinceMs?: number;
  /** Who does not answer, while stale. */
  readonly missing?: 'server' | 'agent';
  /** How readings and events come; absent before the first. */
  readonly via?: Via;
  /** Whether all streams that the server allows are in use. */
  readonly full?: boolean;
  readonly role?: Role;
  readonly name?: string;
}

export interface Tick {
  readonly tick: TickHealth;
  readonly timeMs: number;
  readonly seq: number;
}

export interface LiveState {
  readonly connection: Connection;
  /** Of the server, if it is another than the one that this page is from. */
  readonly newVersion: string | undefined;
  readonly host: Host | undefined;
  readonly tick: Tick | undefined;
  readonly paths: readonly string[];
  /** Oldest first. */
  readonly events: readonly Event[];
  /** Up to this id only the gravest of them are here; 0: all. */
  readonly droppedId: number;
  /** Ranges among and before them that are missing from the log. */
  readonly gaps: readonly EventGap[];
  /** False until the log from before this page was opened has been requested. */
  readonly eventsLoaded: boolean;
}

const initial: LiveState = {
  connection: { state: 'connecting' },
  newVersion: undefined,
  host: undefined,
  tick: undefined,
  paths: [],
  events: [],
  droppedId: 0,
  gaps: [],
  eventsLoaded: false,
};

const HOST_EVERY_MS = 10_000;

/** After a failure before the first answer, for which the pages of groups wait. */
const HOST_AGAIN_MS = 1000;

export interface LiveDeps extends Pick<StreamDeps, 'open' | 'ask' | 'probe' | 'onWake' | 'isHidden' | 'now'> {
  readonly api: Pick<typeof api, 'host' | 'events' | 'history'>;
  /** Calls back when the page is hidden or shown. @returns ends it */
  readonly onVisible: (listener: () => void) => () => void;
}

export class LiveStore {
  readonly state = createStore<LiveState>(() => initial);
  readonly groups = new LiveGroups();
  readonly troubles = new Troubles();
  readonly history: HistoryTracks;
  readonly backfill: Backfill;
  readonly events: LiveEvents;
  readonly detail: DetailWanted;
  readonly #deps: LiveDeps;
  readonly #stream: Stream;
  #lastFrameMs: number | undefined;
  #tick: Tick | undefined;
  #unwatch: (() => void) | undefined;
  #version: string | undefined;
  #hostTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.history = new HistoryTracks(deps.api.history);
    this.backfill = new Backfill(
      deps.api.history,
      () => this.groups.mirror.head?.timeMs ?? deps.now(),
      (path, series) => this.#fillSpark(path, series),
    );
    this.events = new LiveEvents({
      fetch: deps.api.events,
      troubles: this.troubles,
      onChange: (events, droppedId) => this.state.setState({ events, droppedId }),
      onGaps: (gaps) => this.state.setState({ gaps }),
      onLoaded: () => this.state.setState({ eventsLoaded: true }),
    });
    this.#stream = new Stream({
      ...deps,
      from: () => ({ since: this.events.lastId, group: this.groups.detailed }),
      onMessage: (message) => this.#onMessage(message),
      onFrame: (frame) => this.#onFrame(frame),
      onStale: () => this.#stale('server'),
      onDenied: () => this.deny(),
      onOpen: (via) => {
        this.#connection({ via });
        this.#askHost();
      },
    });
    this.detail = new DetailWanted((path) => {
      this.groups.detail(path);
      this.#stream.detail();
    });
  }

  start(): void {
    this.#stream.start();
    this.#unwatch ??= this.#deps.onVisible(() => this.#onVisible());
    this.#onVisible();
  }

  stop(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#stream.stop();
    this.#endHost();
    this.events.settle();
  }

  deny(): void {
    this.#stream.stop();
    this.#endHost();
    this.state.setState({ connection: { state: 'denied' } });
  }

  #connection(change: Partial<Connection>, without: ReadonlyArray<keyof Connection> = []): void {
    this.state.setState(({ connection }) => {
      const next = { ...connection, ...change };
      for (const key of without) delete next[key];
      return { connection: next };
    });
  }

  #endHost(): void {
    clearTimeout(this.#hostTimer);
    this.#hostTimer = undefined;
  }

  /** Missing features change: they are asked for again periodically. */
  #askHost(): void {
    clearTimeout(this.#hostTimer);
    const timer = setTimeout(() => this.#askHost(), HOST_EVERY_MS);
    this.#hostTimer = timer;
    this.#deps.api.host().then(
      (host) => this.state.setState({ host }),
      () => {
        // The host strip keeps what it has.
        if (this.state.getState().host || this.#hostTimer !== timer) return;
        clearTimeout(timer);
        this.#hostTimer = setTimeout(() => this.#askHost(), HOST_AGAIN_MS);
      },
    );
  }

  #onMessage(message: StreamMessage): void {
    switch (message.type) {
      case 'hello': {
        this.#version ??= message.version;
        this.state.setState({ newVersion: message.version === this.#version ? undefined : message.version });
        this.#connection({ role: message.role, name: message.name, full: message.full ?? false });
        this.events.begin(message.lastEventId);
        break;
      }
      case 'event':
        this.events.arrive(message.event);
        break;
      case 'gap':
        this.events.missing([message.gap]);
        break;
      case 'agent':
        if (!message.connected) this.#stale('agent');
        break;
      case 'resync':
      case 'beat':
        break;
      default:
        message satisfies never;
    }
  }

  #fillSpark(path: string, series: CallAnswer<'history'>['series']): void {
    const group = this.groups.get(path);
    const intervalMs = this.state.getState().tick?.tick.intervalMs;
    // An idle group keeps the times of its last change; the frame has the present time.
    const head = this.groups.mirror.head;
    if (!group || !head || intervalMs === undefined) return;
    const now = { atMs: head.timeMs, now: { ...group.now, monoMs: head.monoMs } };
    this.groups.spark(path)?.prepend(samplesBefore(series, now, intervalMs));
  }

  #onFrame(frame: Frame): boolean {
    if (!this.groups.apply(frame)) return false;
    if (frame.adds) return true;
    this.#lastFrameMs = this.#deps.now();
    const { connection } = this.state.getState();
    this.#tick = { tick: frame.tick, timeMs: frame.timeMs, seq: frame.seq };
    // A page that nobody sees renders nothing, and has all of it when it is shown.
    if (!this.#deps.isHidden()) this.#publish();
    if (connection.state !== 'live') this.#connection({ state: 'live' }, ['sinceMs', 'missing']);
    this.history.onFrame(frame, this.groups);
    return true;
  }

  #publish(): void {
    const { tick, paths } = this.state.getState();
    if (tick === this.#tick) return;
    this.state.setState({ tick: this.#tick, ...(paths === this.groups.paths ? {} : { paths: this.groups.paths }) });
  }

  #onVisible(): void {
    if (this.#deps.isHidden()) {
      this.groups.pause();
      this.history.pause();
      return;
    }
    this.#publish();
    this.groups.resume();
    this.history.resume();
  }

  #stale(missing: 'server' | 'agent'): void {
    const { connection } = this.state.getState();
    if (connection.state === 'denied' || connection.state === 'stale') return;
    if (this.#lastFrameMs === undefined) {
      // Without readings there is nothing that could be stale.
      this.#connection({ missing });
      return;
    }
    this.#connection({ state: 'stale', sinceMs: this.#lastFrameMs, missing });
  }
}

/** The page’s store. It does nothing until it is started. */
export const live = new LiveStore({
  open: (from) => openSocket(streamPath(from)),
  ask: askStream,
  probe,
  onWake,
  isHidden: () => document.hidden,
  onVisible,
  api,
  now: () => Date.now(),
});

whenDenied(() => live.deny());
