// The launch form’s state: its fields, its faults, and the launch.
'use client';
import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import type { Host } from '../../server/contract/answers.ts';
import type { SavedTemplate } from '../../server/contract/launch.ts';
import { joinPath } from '../../server/contract/paths.ts';
import type { Problem } from '../../server/contract/problems.ts';
import { durationText } from '../../server/contract/units.ts';
import { groupHref, TO_TYPE } from '../frame/links.ts';
import { api, problemOf } from '../live/api.ts';
import { notify, notifyProblem } from '../ui/toast.tsx';
import { formBefore } from './again.ts';
import { forgetDraft, readDraft, saveDraft } from './draft.ts';
import { faultsOf } from './faults.ts';
import { fieldOfProblem } from './field-of.ts';
import type { Change, Faults, FormField, LaunchForm } from './launch-form.ts';
import { type Preset, presetForm, type Source } from './presets.ts';
import type { RequestCheck } from './request-check.ts';
import { toRequest } from './requests.ts';

/** The limits that were written to another file than the one asked for, with a blank before; empty for none. */
function translatedWords(translated: Readonly<Record<string, string>> = {}): string {
  const parts = Object.entries(translated).map(([asked, written]) => `${asked} was written as ${written}`);
  return parts.length === 0 ? '' : ` ${parts.join(', ')}.`;
}

/** Absent until it is loaded, or where it cannot be: the server checks each request by itself. */
function useRequestCheck(): RequestCheck | undefined {
  const [check, setCheck] = useState<RequestCheck>();
  useEffect(() => {
    import('./request-check.ts').then(
      ({ checkRequest }) => setCheck(() => checkRequest),
      () => {},
    );
  }, []);
  return check;
}

export type LaunchState = ReturnType<typeof useLaunch>;

/** @param which names the form’s draft: what it began from */
export function useLaunch(which: string, initial: LaunchForm, first: Source | undefined, host: Host, taken: readonly string[]) {
  const router = useRouter();
  const [draft, setDraft] = useState(() => readDraft(which, initial, (kept) => [faultsOf(kept, host, taken), toRequest(kept)]));
  const [form, setForm] = useState(draft?.form ?? initial);
  const [filled, setFilled] = useState(0);
  const [source, setSource] = useState(draft ? draft.source : first);
  const [touched, setTouched] = useState<ReadonlySet<FormField>>(new Set());
  const [tried, setTried] = useState(false);
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  // A refused launch has a group for a moment, which must not count as its own name being in use.
  const [own, setOwn] = useState<string>();
  const others = taken.filter((path) => path !== own);
  const all = faultsOf(form, host, others, useRequestCheck());
  const refusedAt = problem && fieldOfProblem(problem);
  const shown: Faults = Object.fromEntries(Object.entries(all).filter(([field]) => tried || touched.has(field as FormField)));

  const change: Change = (next) => {
    setForm((last) => ({ ...last, ...next }));
    setTouched((last) => new Set([...last, ...(Object.keys(next) as FormField[])]));
    setProblem(undefined);
  };
  useEffect(() => {
    if (touched.size > 0) saveDraft(which, form, source, Date.now());
  }, [which, form, source, touched]);
  const fill = (next: LaunchForm, from: Source | undefined) => {
    forgetDraft(which);
    setDraft(undefined);
    setForm(next);
    setSource(from);
    setFilled((last) => last + 1);
    setTouched(new Set());
    setTried(false);
    setProblem(undefined);
  };
  // A person who has left the form is not moved by its answer.
  const here = useRef(false);
  useEffect(() => {
    here.current = true;
    return () => {
      here.current = false;
    };
  }, []);
  /** @returns whether it was launched */
  const submit = async () => {
    setTried(true);
    if (Object.keys(all).length > 0 || pending) return false;
    setPending(true);
    setProblem(undefined);
    const path = joinPath(host.managedRoot, form.name);
    setOwn(path);
    try {
      const { group, pid, launchMs, translated, notes = [] } = await api.launch(toRequest(form));
      forgetDraft(which);
      setTouched(new Set());
      const href = form.tty ? groupHref(group, 'terminal') + TO_TYPE : groupHref(group);
      notify({
        title: `${group} runs, pid ${pid}`,
        detail: `Request to exec: ${durationText(launchMs)}.${translatedWords(translated)}${notes.map((note) => ` Note: ${note}.`).join('')}`,
        link: here.current ? undefined : { href, label: 'Open' },
      });
      if (here.current) router.push(href);
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      setPending(false);
      if (!here.current) notifyProblem(problemOf(error), `${path} was not launched`);
      return false;
    }
  };
  return {
    form,
    /** Raised when the form is filled again: sections fold again. */
    filled,
    /** Those to show: of fields that were touched, or of all after a first try. */
    faults: refusedAt && problem ? { ...shown, [refusedAt]: problem.detail } : shown,
    /** Whether anything is wrong, shown yet or not. */
    faulty: Object.keys(all).length > 0,
    pending,
    /** A refusal that belongs to no field. */
    problem: refusedAt === undefined ? problem : undefined,
    source,
    /** What the form was restored from. */
    draft,
    startOver: () => fill(initial, first),
    change,
    choose: (next: Preset) => fill(presetForm(next, host, taken), { preset: next.id }),
    chooseTemplate: ({ name, request, savedAt }: SavedTemplate) => fill(formBefore(request, host, taken), { template: name, savedAt }),
    /** The form is now what is saved under that name. */
    savedAs: ({ name, savedAt }: SavedTemplate) =>
      setSource((last) => (last && 'template' in last && last.template === name ? { template: name, savedAt } : last)),
    submit,
  };
}
