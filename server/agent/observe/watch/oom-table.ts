// The pids in the table of tasks that an OOM kill's lines have before it: who is not in it is killed by another OOM.

export const TABLE = /^\[ *pid *\] +uid +tgid +total_vm +rss .*name$/;
const ROW = /^\[ *(\d+)\] /;
/** Of a machine with more tasks not all are known. */
const MOST = 100_000;

export class OomTable {
  #pids: Set<number> | undefined;

  take(bytes: string): void {
    const pid = this.#pids && ROW.exec(bytes)?.[1];
    if (TABLE.test(bytes)) this.#pids = new Set();
    else if (pid !== undefined && this.#pids && this.#pids.size < MOST) this.#pids.add(Number(pid));
  }

  /** Also where there is no table (vm.oom_dump_tasks), or a part of it only. A thread that is killed in place of its first has its own row. */
  mayHave(pid: number): boolean {
    return this.#pids === undefined || this.#pids.size === 0 || this.#pids.size >= MOST || this.#pids.has(pid);
  }
}
