// What the answers to calls are made of, and their shape.
import type { Host } from '../../contract/answers.ts';
import type { CallAnswer, CallName, CallParams } from '../../contract/calls.ts';
import type { ActParts } from '../act/act-parts.ts';
import type { DeviceControl } from '../act/devices/device-control.ts';
import type { Freezer } from '../act/freezer.ts';
import type { Groups } from '../act/groups.ts';
import type { LimitWriter } from '../act/limits.ts';
import type { ProcessOperations } from '../act/process-operations.ts';
import type { GroupProcesses } from '../act/processes.ts';
import type { Reclaimer } from '../act/reclaim.ts';
import type { LaunchOperations } from '../launch/launch-operations.ts';
import type { Launches } from '../launch/launches.ts';
import type { Templates } from '../launch/templates.ts';
import type { EventLog } from '../state/event-log.ts';

export interface CallParts extends ActParts {
  readonly log: EventLog;
  readonly limits: LimitWriter;
  readonly devices: DeviceControl;
  readonly freezer: Freezer;
  readonly reclaimer: Reclaimer;
  readonly processes: GroupProcesses;
  readonly operations: ProcessOperations;
  readonly groups: Groups;
  readonly launches: Launches;
  readonly launching: LaunchOperations;
  readonly templates: Templates;
  readonly host: Omit<Host, 'missing'>;
  /** What cannot be done on this machine, or is wrong just now, a sentence each. */
  readonly missing: () => string[];
}

/** One for each call; `by` is who asked. The link has checked the parameters by the call's schema. */
export type Handlers = { [N in CallName]: (params: CallParams<N>, by: string) => CallAnswer<N> | Promise<CallAnswer<N>> };
