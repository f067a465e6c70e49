// The reports on disk: a file each, whose first line is its summary. The newest thousand are kept, within a bound in bytes; nothing here blocks, or throws for the disk.
import { open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../../contract/parse-json.ts';
import { Report, ReportSummary } from '../../contract/reports.ts';
import { visibleJson } from '../../contract/visible.mjs';
import { errnoOf } from '../kernel/errno.ts';
import type { StateFaults } from './state-faults.ts';
import { stateFolder } from './state-folder.ts';

export interface ReportFilesOptions {
  readonly stateDir: string;
  readonly faults: StateFaults;
  readonly most?: number;
  readonly mostBytes?: number;
}

const MOST = 1000;
const MOST_BYTES = 64 * 1024 * 1024;
/** A first line is shorter, unless it has thousands of events. */
const SUMMARY_BYTES = 4096;
const NAME = /^(\d{1,15})\.json$/;
const RETRY_MS = 1000;
/** Reports that a full disk refused; older ones are lost. */
const WAITING = 50;
/** Events are merged into a report within a second: its id is one of so many before. */
const NEAR = 300;

export class ReportFiles {
  readonly #options: Required<ReportFilesOptions>;
  readonly #dir: string;
  /** Bytes of each file by id; and its summary, once it was read. */
  readonly #files = new Map<number, { bytes: number; summary?: ReportSummary }>();
  readonly #waiting = new Map<number, Report>();
  readonly #damaged = new Set<number>();
  #lost = 0;
  /** One thing at a time: what was written is found by the next call. */
  #turn: Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ReportFilesOptions) {
    this.#options = { most: MOST, mostBytes: MOST_BYTES, ...options };
    this.#dir = stateFolder(options.stateDir, 'reports', options.faults);
    this.#turn = this.#find();
  }

  /** Writes the report, or keeps it until the disk accepts it. */
  add(report: Report): Promise<void> {
    this.#waiting.set(report.id, report);
    return this.#next(() => this.#flush());
  }

  /** Summaries that match, the newest first, and whether there are more. */
  async list(
    matches: (summary: ReportSummary) => boolean,
    after: number,
    before: number,
    limit: number,
  ): Promise<{ reports: ReportSummary[]; more: boolean }> {
    await this.#turn;
    const reports: ReportSummary[] = [];
    for (const id of this.#ids()) {
      if (id <= after) break;
      if (id >= before) continue;
      const summary = await this.#summary(id);
      if (!summary || !matches(summary)) continue;
      if (reports.length === limit) return { reports, more: true };
      reports.push(summary);
    }
    return { reports, more: false };
  }

  /** @param id of any event that a report is about */
  async get(id: number): Promise<Report | undefined> {
    await this.#turn;
    return this.#lookUp(id);
  }

  /** Writes another version of a report that is there, as it is now. */
  amend(id: number, change: (report: Report) => Report): Promise<void> {
    return this.#next(async () => {
      const report = await this.#lookUp(id);
      if (!report) return;
      this.#waiting.set(report.id, change(report));
      await this.#flush();
    });
  }

  async #lookUp(id: number): Promise<Report | undefined> {
    const near = this.#ids()
      .filter((one) => one <= id)
      .slice(0, NEAR);
    for (const one of near) {
      if (one !== id && !(await this.#summary(one))?.events.includes(id)) continue;
      return this.#waiting.get(one) ?? (await this.#read(one));
    }
    return undefined;
  }

  /** Tries once more to write what waits. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#next(() => this.#flush());
  }

  /** Newest first. */
  #ids(): number[] {
    return [...new Set([...this.#files.keys(), ...this.#waiting.keys()])].sort((a, b) => b - a);
  }

  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work);
    return this.#turn;
  }

  #path(id: number): string {
    return join(this.#dir, `${id}.json`);
  }

  async #find(): Promise<void> {
    const names = await readdir(this.#dir).catch(() => []);
    for (const name of names) {
      const id = NAME.exec(name)?.[1];
      // What an earlier run was writing when it ended.
      if (name.endsWith('.json.new')) await rm(join(this.#dir, name), { force: true }).catch(() => {});
      if (id === undefined) continue;
      const bytes = await stat(join(this.#dir, name)).then(
        ({ size }) => size,
        () => 0,
      );
      this.#files.set(Number(id), { bytes });
    }
    await this.#prune();
  }

  async #flush(): Promise<void> {
    for (const [id, report] of this.#waiting) {
      const summary = ReportSummary.parse(report);
      const text = [summary, report].map((part) => `${visibleJson(JSON.stringify(part))}\n`).join('');
      const fresh = `${this.#path(id)}.new`;
      try {
        await writeFile(fresh, text, { mode: 0o600 });
        await rename(fresh, this.#path(id));
      } catch (error) {
        await rm(fresh, { force: true }).catch(() => {});
        this.#refused(errnoOf(error), error);
        return;
      }
      this.#waiting.delete(id);
      this.#files.set(id, { bytes: Buffer.byteLength(text), summary });
      await this.#prune();
    }
    this.#options.faults.set(this.#dir, undefined);
  }

  #refused(errno: string, error: unknown): void {
    if (errno === '') throw error;
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= WAITING) break;
      this.#waiting.delete(oldest);
      this.#lost++;
    }
    const lost = this.#lost === 0 ? '' : ` ${this.#lost} of them are lost so far.`;
    this.#options.faults.set(
      this.#dir,
      `Reports of OOM kills cannot be written (${errno}: ${this.#dir}). Meanwhile the last ${WAITING} are kept in memory, and are lost if cgdeck ends.${lost}`,
    );
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#next(() => this.#flush());
    }, RETRY_MS).unref();
  }

  async #prune(): Promise<void> {
    let bytes = [...this.#files.values()].reduce((sum, file) => sum + file.bytes, 0);
    if (this.#files.size <= this.#options.most && bytes <= this.#options.mostBytes) return;
    for (const id of [...this.#files.keys()].sort((a, b) => a - b)) {
      if (this.#files.size <= this.#options.most && bytes <= this.#options.mostBytes) break;
      bytes -= this.#files.get(id)?.bytes ?? 0;
      this.#files.delete(id);
      await rm(this.#path(id), { force: true }).catch(() => {});
    }
  }

  async #summary(id: number): Promise<ReportSummary | undefined> {
    const waiting = this.#waiting.get(id);
    if (waiting) return ReportSummary.parse(waiting);
    const file = this.#files.get(id);
    if (!file || file.summary) return file?.summary;
    const summary = ReportSummary.safeParse(parseJson(await this.#firstLine(id)));
    if (!summary.success) return this.#isDamaged(id);
    file.summary = summary.data;
    return summary.data;
  }

  async #firstLine(id: number): Promise<string> {
    try {
      const file = await open(this.#path(id), 'r');
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(SUMMARY_BYTES), 0, SUMMARY_BYTES, 0);
        const text = buffer.toString('utf8', 0, bytesRead);
        if (text.includes('\n')) return text.split('\n', 1)[0] ?? '';
      } finally {
        await file.close();
      }
      return (await readFile(this.#path(id), 'utf8')).split('\n', 1)[0] ?? '';
    } catch {
      return '';
    }
  }

  async #read(id: number): Promise<Report | undefined> {
    const [, text = ''] = (await readFile(this.#path(id), 'utf8').catch(() => '')).split('\n');
    return Report.safeParse(parseJson(text)).data ?? this.#isDamaged(id);
  }

  /** Skipped from now on, and reported. */
  #isDamaged(id: number): undefined {
    this.#files.delete(id);
    this.#damaged.add(id);
    const count = this.#damaged.size === 1 ? '1 report' : `${this.#damaged.size} reports`;
    this.#options.faults.set(
      `${this.#dir} damaged`,
      `${count} in ${this.#dir} cannot be read, and ${this.#damaged.size === 1 ? 'is' : 'are'} left out: the last is ${id}.json.`,
    );
    return undefined;
  }
}
