// What every operation needs: where groups are, which of them it may change, the journal, and the reporter of events.
import type { ControlFileIo } from '../kernel/files/control-file-io.ts';
import type { Layout } from '../kernel/hierarchy/layout.ts';
import type { Reach } from '../kernel/reach.ts';
import type { Observer } from '../observe/observer.ts';
import type { Reporter } from '../observe/reporter.ts';
import type { ActionJournal } from '../state/action-journal.ts';

export interface ActParts {
  readonly layout: Layout;
  readonly io: ControlFileIo;
  readonly reach: Reach;
  readonly observer: Observer;
  readonly reporter: Reporter;
  readonly journal: ActionJournal;
}
