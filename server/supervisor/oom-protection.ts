// Keeps the kernel from choosing cgdeck's own processes while the whole machine is out of memory: they are what people need then.
import { readFileSync, writeFileSync } from 'node:fs';

/** Not -1000, with which the kernel could not end a cgdeck that itself takes all memory. */
const OWN = -900;
const FILE = '/proc/self/oom_score_adj';

/** Children inherit it (proc_pid_oom_score_adj(5)); the launcher sets that of what it launches. A lower value stays. */
export function protectFromOom(): void {
  try {
    if (Number(readFileSync(FILE, 'utf8')) > OWN) writeFileSync(FILE, String(OWN));
  } catch {
    // Without CAP_SYS_RESOURCE.
  }
}
