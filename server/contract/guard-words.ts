// A guard's plan in words.
import { choiceWords } from './guard-facts.ts';
import type { GuardPlan, GuardStep } from './guards.ts';
import { bytesText, parseSize } from './units.ts';

function sizeWords(size: string | number): string {
  const bytes = parseSize(size);
  return typeof bytes === 'number' ? bytesText(bytes) : String(size);
}

/** "raise the limit by 50 %, to at most 1 GiB, once". */
export function stepWords(step: GuardStep): string {
  if (step.do === 'raise')
    return `${choiceWords(step)}, to at most ${sizeWords(step.upTo)}, ${step.times === 1 ? 'once' : `${step.times} times`}`;
  return step.do === 'reclaim' && step.bytes !== undefined ? `reclaim ${sizeWords(step.bytes)}` : choiceWords(step);
}

function lineWords(line: string | number, limit: string, of = ''): string {
  return /%$/.test(String(line)) ? `${String(line).replace(/\s?%/, ' %')} of ${limit}` : `${sizeWords(line)}${of}`;
}

/** When it holds a group: one phrase for each. */
export function whenWords({ line, memswLine, thrashing, growth, machine }: GuardPlan): string[] {
  return [
    ...(line === undefined ? [] : [`at ${lineWords(line, 'its limit')}`]),
    ...(memswLine === undefined ? [] : [`at ${lineWords(memswLine, 'its limit on memory and swap', ' of memory and swap')}`]),
    ...(thrashing ? [`when all its tasks wait for memory over ${thrashing.percent} % of ${exactSpan(thrashing.seconds)}`] : []),
    ...(growth ? [`when its growth meets its limit within ${exactSpan(growth.seconds)}`] : []),
    ...(machine ? [`when the machine runs short (priority ${machine.priority})`] : []),
  ];
}

/** In minutes only where it is that: the clock of a held group shows the same. */
function exactSpan(seconds: number): string {
  return seconds >= 60 && seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

/** "Held at 90 % of its limit. After 5 min without a decision: kill the largest process, then let it continue without the guard." */
export function planWords(plan: GuardPlan): string {
  if (plan.off) return 'Not guarded, whatever wider patterns have.';
  const steps = [...plan.steps.map(stepWords), choiceWords({ do: plan.finally })];
  const wait = plan.deadlineSeconds === 0 ? 'At once' : `After ${exactSpan(plan.deadlineSeconds)} without a decision`;
  return `Held ${whenWords(plan).join(', or ')}. ${wait}: ${steps.join('; else ')}.`;
}
