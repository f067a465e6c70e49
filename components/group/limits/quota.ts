// CPU quota as a person says it ("1.5 CPUs") and as the kernel takes it (microseconds in each period).
import { MAX } from '../../../server/contract/units.ts';

/** The kernel's default period, 100 ms. */
export const DEFAULT_PERIOD_US = 100_000;
/** The kernel refuses a quota or period under 1 ms. */
const MIN_US = 1000;

export type Cpus = number | typeof MAX;

/** CPUs that a quota allows; "max" for none (the kernel writes -1). */
export function cpusOfQuota(quotaUs: number | string | undefined, periodUs: number): Cpus | undefined {
  if (quotaUs === undefined) return undefined;
  const quota = Number(quotaUs);
  if (quotaUs === MAX || quota < 0) return MAX;
  return Number.isFinite(quota) && periodUs > 0 ? quota / periodUs : undefined;
}

/** What v1 writes for no quota; v2 writes "max". */
const NO_QUOTA_V1 = '-1';

/** The text of v2's cpu.max for a quota in v1's spelling; the period stays as it is. */
export function cpuMaxOf(quotaUs: string): string {
  return quotaUs === NO_QUOTA_V1 ? MAX : quotaUs;
}

/** The quota to write for so many CPUs: whole microseconds, never under what the kernel takes. */
export function quotaOfCpus(cpus: Cpus, periodUs: number): string {
  if (cpus === MAX) return NO_QUOTA_V1;
  return String(Math.max(MIN_US, Math.round(cpus * periodUs)));
}

/** "1.5", "max" or "150000us" -> what to write, or why it cannot be. */
export function parseQuota(input: string, periodUs: number): { readonly quotaUs: string } | { readonly fault: string } {
  const text = input.trim().toLowerCase();
  if (text === MAX || text === '-1') return { quotaUs: NO_QUOTA_V1 };
  const raw = /^(\d+) ?(us|µs)$/.exec(text);
  if (raw) return Number(raw[1]) >= MIN_US ? { quotaUs: String(Number(raw[1])) } : { fault: 'The kernel takes 1,000 µs at least.' };
  if (!/^\d*[.,]?\d+$/.test(text)) return { fault: 'CPUs as a number such as 1.5, microseconds such as 150000us, or max.' };
  const cpus = Number(text.replace(',', '.'));
  const least = MIN_US / periodUs;
  return cpus >= least
    ? { quotaUs: quotaOfCpus(cpus, periodUs) }
    : { fault: `At least ${least} of a CPU: the kernel takes 1,000 µs in a period at least.` };
}

/** "0.5", "2", "max": CPUs as the field shows them, three decimals at most. */
export function cpusText(cpus: Cpus): string {
  return cpus === MAX ? MAX : String(Number(cpus.toFixed(3)));
}
