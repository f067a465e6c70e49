// What the answers to calls are made of, and their shape.

import type { Host } from '../../contract/answers.ts';
import type { CallAnswer, CallName, CallParams } from '../../contract/calls.ts';
import type { DeviceControl } from '../act/devices/device-control.ts';
import type { Freezer } from '../act/freezer.ts';
import type { Groups } from '../act/groups.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { Reclaimer } from '../act/reclaim.ts';
import type { LimitWriter } from '../act/write-limit.ts';
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Reach } from '../kernel/reach.ts';
import type { Launches } from '../launch/launches.ts';
import type { Templates } from '../launch/templates.ts';
import type { Observer } from '../observe/observer.ts';
import type { Reporter } from '../observe/reporter.ts';
import type { ActionJournal } from '../state/action-journal.ts';
import type { EventLog } from '../state/event-log.ts';

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
  readonly host: Omit<Host, 'missing'>;
  /** What cannot be done on this machine, or is wrong just now, a sentence each. */
  readonly missing: () => string[];
  /** Makes or removes a group such that the event names who did. */
  readonly acting: <T>(what: 'create' | 'remove', group: string, by: string, act: () => T | Promise<T>) => Promise<T>;
}

export type Handlers = { [N in CallName]: (params: CallParams<N>, by: string) => CallAnswer<N> | Promise<CallAnswer<N>> };
