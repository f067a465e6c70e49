// The rates of a routed network by their names in events, and whether they are those that a caller has seen.
import type { Rates } from '../../contract/launch.ts';
import { ProblemError } from '../../contract/problems.ts';

export const RATES = { egressBitsPerSec: 'net.egress', ingressBitsPerSec: 'net.ingress' } as const;
export const rateSides = ['egressBitsPerSec', 'ingressBitsPerSec'] as const;

export function rateText(bits: number | null | undefined): string {
  return String(bits ?? 'max');
}

/** @throws ProblemError changed if a rate that is set has another value than was seen, and not yet the wanted one */
export function mustReplaceRates(group: string, now: Rates, wanted: Rates, replaces: Rates = {}): void {
  for (const side of rateSides) {
    const [is, was, asked] = [now[side], replaces[side], wanted[side]].map((bits) => rateText(bits));
    if (wanted[side] === undefined || replaces[side] === undefined || is === was || is === asked) continue;
    const file = `${group}/${RATES[side]}`;
    throw new ProblemError('changed', `${file} is ${is} by now, not ${was}: nothing was changed.`, { file, asked: was, now: is });
  }
}
