// The table of tasks in an OOM kill's first lines (mm/oom_kill.c, dump_tasks): a row for each process, by a thread of it that has memory.

export const TABLE = /^\[ *pid *\] +uid +tgid +total_vm +rss .*name$/;
/** An id from 2^31 on is negative. */
const ROW = /^\[ *(\d+)\] +-?\d+ +(\d+) /;
/** Of a machine with more tasks not all are known. */
const MOST = 100_000;

export class OomTable {
  /** The process of each thread that has a row. */
  #processes: Map<number, number> | undefined;

  take(bytes: string): void {
    if (TABLE.test(bytes)) this.#processes = new Map();
    else if (this.#processes && this.#processes.size < MOST) {
      const [, thread, process] = ROW.exec(bytes) ?? [];
      if (thread !== undefined) this.#processes.set(Number(thread), Number(process));
    }
  }

  /** @returns undefined where there is no such row, as with vm.oom_dump_tasks off */
  processOf(thread: number): number | undefined {
    return this.#processes?.get(thread);
  }
}
