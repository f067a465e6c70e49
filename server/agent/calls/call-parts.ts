// The parts of the agent that calls use, and the type of the functions that answer calls.
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
import type { Guards } from '../guard/guards.ts';
import type { LaunchOperations } from '../launch/launch-operations.ts';
import type { Launches } from '../launch/launches.ts';
import type { Templates } from '../launch/templates.ts';
import type { ReportWriter } from '../observe/reports/report-writer.ts';
import type { EventLog } from '../state/event-log.ts';
import type { ReportFiles } from '../state/report-files.ts';
import type { DoneCalls } from './done-calls.ts';

export interface CallParts extends ActParts {
  readonly done: DoneCalls;
  readonly log: EventLog;
  readonly reports: ReportFiles;
  readonly reportWriter: ReportWriter;
  readonly limits: LimitWriter;
  readonly devices: DeviceControl;
  readonly freezer: Freezer;
  readonly reclaimer: Reclaimer;
  readonly processes: GroupProcesses;
  readonly operations: ProcessOperations;
  readonly groups: Groups;
  readonly guards: Guards;
  readonly launches: Launches;
  readonly launching: LaunchOperations;
  readonly templates: Templates;
  readonly host: Omit<Host, 'missing'>;
  /** A sentence for each thing that does not work on this machine, or is wrong at present. */
  readonly missing: () => string[];
}

/** One function per call; `by` is the user who asked. The link has checked the parameters by the call's schema. */
export type Handlers = { [N in CallName]: (params: CallParams<N>, by: string) => CallAnswer<N> | Promise<CallAnswer<N>> };
