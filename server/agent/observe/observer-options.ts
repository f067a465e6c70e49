// What the observer needs, and what it reports of groups and writes.
import type { GroupBook } from '../state/group-book.ts';
import type { GroupWatchesOptions } from './group-watches.ts';
import type { PublisherOptions } from './publisher.ts';
import type { Members } from './watch/members.ts';

/** A control file that was written: the text before, the text written, the text read back. */
export interface Written {
  readonly file: string;
  readonly old: string;
  readonly asked: string;
  readonly new: string;
}

/** Called when a group was made, once it is watched and reported, and when it was removed. */
export interface GroupListener {
  readonly added?: (group: string) => void;
  readonly removed?: (group: string) => void;
  /** A control file was written, by whomever, perhaps to the value that it had. */
  readonly written?: (group: string, file: string) => void;
}

export interface ObserverOptions extends GroupWatchesOptions, Pick<PublisherOptions, 'host' | 'epoch' | 'forecastSec'> {
  readonly intervalMs: number;
  readonly book: GroupBook;
  readonly members: Members;
}
