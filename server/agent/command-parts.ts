// What the answers to calls are made of, and their shape.
import type { CallAnswer, CallName, CallParams, Host } from '../contract/calls.ts';
import type { ControlFileIo } from './control/control-file-io.ts';
import type { DeviceControl } from './control/devices/device-control.ts';
import type { Freezer } from './control/freezer.ts';
import type { Groups } from './control/groups.ts';
import type { GroupProcesses } from './control/processes.ts';
import type { Reach } from './control/reach.ts';
import type { Reclaimer } from './control/reclaim.ts';
import type { LimitWriter } from './control/write-limit.ts';
import type { Layout } from './hierarchy/layout.ts';
import type { ActionJournal } from './journal/action-journal.ts';
import type { EventLog } from './journal/event-log.ts';
import type { Launches } from './launch/launches.ts';
import type { Templates } from './launch/templates.ts';
import type { Observer } from './observer.ts';
import type { Reporter } from './reporter.ts';

export interface CommandParts {
  readonly observer: Observer;
  readonly reporter: Reporter;
  readonly log: EventLog;
  readonly journal: ActionJournal;
  readonly io: ControlFileIo;
  readonly reach: Reach;
  readonly limits: LimitWriter;
  readonly devices: DeviceControl;
  readonly freezer: Freezer;
  readonly reclaimer: Reclaimer;
  readonly layout: Layout;
  readonly processes: GroupProcesses;
  readonly groups: Groups;
  readonly launches: Launches;
  readonly templates: Templates;
  readonly host: Host;
  /** Makes or removes a group such that the event names who did. */
  readonly acting: <T>(what: 'create' | 'remove', group: string, by: string, act: () => T | Promise<T>) => Promise<T>;
}

export type Handlers = { [N in CallName]: (params: CallParams<N>, by: string) => CallAnswer<N> | Promise<CallAnswer<N>> };
