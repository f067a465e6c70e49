// The launch form's state: what is entered, what is wrong with it, and the launch itself.
'use client';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import type { Host } from '../../server/contract/calls.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { formatDuration } from '../../server/contract/units.ts';
import { groupHref } from '../frame/links.ts';
import { api, problemOf } from '../live/api.ts';
import { notify } from '../ui/toast.tsx';
import { type Faults, type FormField, faultsOf, fieldOfProblem, freeName, type LaunchForm, toRequest } from './launch-form.ts';
import type { Preset } from './presets.ts';

export interface LaunchState {
  readonly form: LaunchForm;
  /** Those that may be shown: of fields that were touched, or of all after a first try. */
  readonly faults: Faults;
  readonly faulty: boolean;
  readonly pending: boolean;
  /** A refusal that belongs to no field. */
  readonly problem: Problem | undefined;
  readonly preset: Preset['id'] | undefined;
  readonly change: (change: Partial<LaunchForm>) => void;
  readonly choose: (preset: Preset) => void;
  readonly submit: () => Promise<void>;
}

export function useLaunch(initial: LaunchForm, first: Preset['id'] | undefined, host: Host, taken: readonly string[]): LaunchState {
  const router = useRouter();
  const [form, setForm] = useState(initial);
  const [preset, setPreset] = useState(first);
  const [touched, setTouched] = useState<ReadonlySet<FormField>>(new Set());
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const all = faultsOf(form, host, taken);
  const refusedAt = problem && fieldOfProblem(problem);
  const shown: Faults = Object.fromEntries(Object.entries(all).filter(([field]) => tried || touched.has(field as FormField)));

  const change = (next: Partial<LaunchForm>) => {
    setForm((last) => ({ ...last, ...next }));
    setTouched((last) => new Set([...last, ...(Object.keys(next) as FormField[])]));
    setProblem(undefined);
  };
  const choose = (next: Preset) => {
    setPreset(next.id);
    setForm({ ...next.form, name: freeName(next.form.name, host.managedRoot, taken) });
    setTouched(new Set());
    setTried(false);
    setProblem(undefined);
  };
  const submit = async () => {
    setTried(true);
    if (Object.keys(all).length > 0 || pending) return;
    setPending(true);
    setProblem(undefined);
    try {
      const { group, pid, launchMs } = await api.launch(toRequest(form));
      const { figure, unit } = formatDuration(launchMs);
      notify({ title: `${group} runs, pid ${pid}`, detail: `From the request to exec in ${figure} ${unit}.` });
      router.push(groupHref(group));
    } catch (error) {
      setProblem(problemOf(error));
      setPending(false);
    }
  };
  return {
    form,
    faults: refusedAt && problem ? { ...shown, [refusedAt]: problem.detail } : shown,
    faulty: tried && Object.keys(all).length > 0,
    pending,
    problem: refusedAt === undefined ? problem : undefined,
    preset,
    change,
    choose,
    submit,
  };
}
