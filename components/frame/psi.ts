// How a PSI percentage is told with the three levels of pressure. The kernel gives no levels for PSI: these are where waiting is felt.
import type { PressureLevel } from '../../server/contract/events.ts';

const LOW_PERCENT = 5;
const MEDIUM_PERCENT = 20;
const CRITICAL_PERCENT = 50;

export function psiLevel(percent: number): PressureLevel | undefined {
  if (percent >= CRITICAL_PERCENT) return 'critical';
  if (percent >= MEDIUM_PERCENT) return 'medium';
  return percent >= LOW_PERCENT ? 'low' : undefined;
}
