// The pressure level of a PSI percentage. The kernel has no levels for PSI: these thresholds are where a person notices the waiting.
import type { PressureLevel } from '../../server/contract/event-kinds.ts';

const LOW_PERCENT = 5;
const MEDIUM_PERCENT = 20;
const CRITICAL_PERCENT = 50;

export function psiLevel(percent: number): PressureLevel | undefined {
  if (percent >= CRITICAL_PERCENT) return 'critical';
  if (percent >= MEDIUM_PERCENT) return 'medium';
  return percent >= LOW_PERCENT ? 'low' : undefined;
}
