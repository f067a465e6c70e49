// The launch page: presets, templates, the form, and the script with the same effect.
'use client';
import { useSearchParams } from 'next/navigation';
import { useAnswer } from '../group/use-answer.ts';
import { useGroupPaths, useHost, useTick } from '../live/hooks.ts';
import { ErrorState } from '../ui/error-state.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { formBefore, movedLimits, requestBefore } from './again.ts';
import { LaunchFormView } from './launch-form-view.tsx';
import { MovedLimits } from './moved-limits.tsx';
import { presetForm, presets } from './presets.ts';

const around = 'mx-auto max-w-[1320px] p-4 max-sm:p-3';

/** Waits for what the form starts with: the machine, the names in use, and the launch to be repeated. */
export function LaunchPage() {
  const params = useSearchParams();
  const again = params.get('again') ?? undefined;
  const host = useHost();
  const tick = useTick();
  const taken = useGroupPaths();
  const before = useAnswer(again, () => requestBefore(again ?? '/'));
  if (!host || !tick || (again !== undefined && before.loading)) {
    return (
      <div className={around} aria-busy="true">
        <Skeleton className="h-8 w-40" />
        <Skeleton className="mt-4 h-40 opacity-60" />
        <Skeleton className="mt-4 h-96 opacity-60" />
      </div>
    );
  }
  const chosen = presets.find(({ id }) => id === params.get('preset')) ?? presets[0];
  const start = before.data ? formBefore(before.data.request, host, taken) : chosen && presetForm(chosen, host, taken);
  if (!start) return null;
  const which = [again ?? 'new', params.get('preset') ?? ''].join(' ');
  const moved = before.data?.readings && movedLimits(start, before.data.readings);
  return (
    <LaunchFormView
      key={which}
      which={which}
      start={start}
      source={before.data || !chosen ? undefined : { preset: chosen.id }}
      host={host}
      taken={taken}
    >
      {({ form, change }) => (
        <>
          {before.error && <ErrorState problem={before.error} />}
          {before.data?.withoutEnv && <p className="text-sm text-quiet">Without its environment, which only operators may see.</p>}
          {moved && <MovedLimits form={form} moved={moved} onTake={change} />}
        </>
      )}
    </LaunchFormView>
  );
}
