// Notices what is mounted over directories of groups and unmounted again, from the kernel's notices of the mount table (proc_pid_mountinfo(5)).
import { openSync } from 'node:fs';
import type { Source, Sources } from '../../kernel/sources.ts';

/** Containers start and end in bursts of mounts; the table may be long. */
const READ_AFTER_MS = 20;

/** @param changed called a moment after mounts were made, moved or removed */
export function watchMounts(sources: Sources, changed: () => void): Source {
  let timer: NodeJS.Timeout | undefined;
  const source = sources.watch('the mount table', openSync('/proc/self/mountinfo', 'r'), 'notified', () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      changed();
    }, READ_AFTER_MS);
  });
  return {
    close() {
      clearTimeout(timer);
      source.close();
    },
  };
}
