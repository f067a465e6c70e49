// CPU quota as typed ("1.5 CPUs") and as the kernel takes it (microseconds in each period).
import { MAX } from '../../../server/contract/units.ts';

/** The kernel's default period, 100 ms. */
export const DEFAULT_PERIOD_US = 100_000;
/** The kernel refuses a quota or period under 1 ms. */
const MIN_US = 1000;

export type Cpus = number | typeof MAX;

/** CPUs that a quota allows; "max" for no quota (the kernel writes -1). */
export function cpusOfQuota(quotaUs: number | string | undefined, periodUs: number): Cpus | undefined {
  if (quotaUs === undefined) return undefined;
  const quota = Number(quotaUs);
  if (quotaUs === MAX || quota < 0) return MAX;
  return Number.isFinite(quota) && periodUs > 0 ? quota / periodUs : undefined;
}

/** v1’s value for no quota; v2 has "max". */
const NO_QUOTA_V1 = '-1';

/** v2’s cpu.max for a quota in v1’s form; the period stays as it is. */
export function cpuMaxOf(quotaUs: string): string {
  return quotaUs === NO_QUOTA_V1 ? MAX : quotaUs;
}

/** The quota for a number of CPUs: whole microseconds, at least the kernel’s least. */
export function quotaOfCpus(cpus: Cpus, periodUs: number): string {
  if (cpus === MAX) return NO_QUOTA_V1;
  return String(Math.max(MIN_US, Math.round(cpus * periodUs)));
}

/** "1.5", "max" or "150000us" -> what to write, or what is wrong with it. */
export function parseQuota(input: string, periodUs: number): { readonly quotaUs: string } | { readonly fault: string } {
  const text = input.trim().toLowerCase();
  if (text === MAX || text === '-1') return { quotaUs: NO_QUOTA_V1 };
  const raw = /^(\d+) ?(us|µs)$/.exec(text);
  if (raw) return Number(raw[1]) >= MIN_US ? { quotaUs: String(Number(raw[1])) } : { fault: 'Enter at least 1,000 µs.' };
  if (!/^\d*[.,]?\d+$/.test(text)) return { fault: 'Enter CPUs such as 1.5, microseconds such as 150000us, or max.' };
  const cpus = Number(text.replace(',', '.'));
  const least = MIN_US / periodUs;
  return cpus >= least
    ? { quotaUs: quotaOfCpus(cpus, periodUs) }
    : { fault: `Enter at least ${least} of a CPU: the kernel takes no less than 1,000 µs in a period.` };
}

/** "0.5", "2", "max": CPUs as the field shows them, at most three decimals. */
export function cpusText(cpus: Cpus): string {
  return cpus === MAX ? MAX : String(Number(cpus.toFixed(3)));
}
