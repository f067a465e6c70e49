// A guard's plan as a form: as typed, its faults, and the plan.
import type { GuardPlan, GuardStep } from '../../server/contract/guards.ts';
import { parseSize, partOf } from '../../server/contract/units.ts';

export type StepKind = GuardStep['do'];

export interface StepForm {
  /** For React, which needs to know a step whose place changes. */
  readonly id: number;
  readonly do: StepKind;
  readonly percent: string;
  readonly upTo: string;
  readonly times: string;
}

export interface PlanForm {
  /** Empty: no line. */
  readonly line: string;
  /** On memory and swap together; empty: none. */
  readonly memswLine: string;
  /** In seconds. */
  readonly deadline: string;
  readonly steps: readonly StepForm[];
  readonly last: GuardPlan['finally'];
  /** Empty: not held for it. */
  readonly thrashingPercent: string;
  readonly thrashingSeconds: string;
  readonly growthSeconds: string;
  readonly machinePriority: string;
}

export type PlanFaults = Partial<Record<keyof PlanForm, string>>;

export const newPlan: PlanForm = {
  line: '90%',
  memswLine: '',
  deadline: '300',
  steps: [],
  last: 'thaw',
  thrashingPercent: '',
  thrashingSeconds: '10',
  growthSeconds: '',
  machinePriority: '',
};

export function newStep(kind: StepKind, steps: readonly StepForm[]): StepForm {
  return { id: Math.max(0, ...steps.map(({ id }) => id)) + 1, do: kind, percent: '50', upTo: '1G', times: '1' };
}

export function formOfPlan(plan: GuardPlan): PlanForm {
  const text = (value: number | undefined) => (value === undefined ? '' : String(value));
  return {
    line: plan.line === undefined ? '' : String(plan.line),
    memswLine: plan.memswLine === undefined ? '' : String(plan.memswLine),
    deadline: String(plan.deadlineSeconds),
    steps: plan.steps.map((step, i) => ({
      ...newStep(step.do, []),
      id: i + 1,
      ...(step.do === 'raise' ? { percent: String(step.percent), upTo: String(step.upTo), times: String(step.times) } : {}),
    })),
    last: plan.finally,
    thrashingPercent: text(plan.thrashing?.percent),
    thrashingSeconds: text(plan.thrashing?.seconds ?? 10),
    growthSeconds: text(plan.growth?.seconds),
    machinePriority: text(plan.machine?.priority),
  };
}

const whole = (text: string, least: number, most: number) => {
  const value = Number(text.trim());
  return /^\d+$/.test(text.trim()) && value >= least && value <= most ? value : undefined;
};

function faultyLine(line: string): string | undefined {
  const part = partOf(line.trim());
  const size = parseSize(line.trim());
  if (line.trim() === '' || (part !== undefined && part >= 0.1 && part <= 1)) return undefined;
  return part === undefined && typeof size === 'number' && size >= 65_536 ? undefined : 'Such as 90%, 400M or 1.5G; at least 10% or 64K.';
}

export function planFaults(form: PlanForm): PlanFaults {
  const range = (text: string, least: number, most: number, optional: boolean) =>
    (optional && text.trim() === '') || whole(text, least, most) !== undefined ? undefined : `A whole number from ${least} to ${most}.`;
  const none = [form.line, form.memswLine, form.thrashingPercent, form.growthSeconds, form.machinePriority].every(
    (text) => text.trim() === '',
  );
  const steps = form.steps.find(
    ({ do: kind, percent, upTo, times }) =>
      kind === 'raise' &&
      (whole(percent, 1, 1000) === undefined || typeof parseSize(upTo.trim()) !== 'number' || whole(times, 1, 1000) === undefined),
  );
  const all: PlanFaults = {
    line: none ? 'It needs at least one reason to hold the group: a line such as 90%.' : faultyLine(form.line),
    memswLine: faultyLine(form.memswLine),
    deadline: range(form.deadline, 0, 86_400, false),
    steps: steps && 'A raise needs per cent from 1 to 1000, a size such as 1G, and how often.',
    thrashingPercent: range(form.thrashingPercent, 1, 100, true),
    thrashingSeconds: form.thrashingPercent.trim() === '' ? undefined : range(form.thrashingSeconds, 2, 600, false),
    growthSeconds: range(form.growthSeconds, 1, 600, true),
    machinePriority: range(form.machinePriority, 0, 100, true),
  };
  return Object.fromEntries(Object.entries(all).filter(([, fault]) => fault !== undefined));
}

/** @returns undefined for a form with faults */
export function planOf(form: PlanForm): GuardPlan | undefined {
  if (Object.keys(planFaults(form)).length > 0) return undefined;
  const given = (text: string) => text.trim() !== '';
  return {
    ...(given(form.line) ? { line: form.line.trim() } : {}),
    ...(given(form.memswLine) ? { memswLine: form.memswLine.trim() } : {}),
    ...(given(form.thrashingPercent)
      ? { thrashing: { percent: Number(form.thrashingPercent), seconds: Number(form.thrashingSeconds) } }
      : {}),
    ...(given(form.growthSeconds) ? { growth: { seconds: Number(form.growthSeconds) } } : {}),
    ...(given(form.machinePriority) ? { machine: { priority: Number(form.machinePriority) } } : {}),
    deadlineSeconds: Number(form.deadline),
    steps: form.steps.map(({ do: kind, percent, upTo, times }) =>
      kind === 'raise' ? { do: kind, percent: Number(percent), upTo: upTo.trim(), times: Number(times) } : { do: kind },
    ),
    finally: form.last,
  };
}
