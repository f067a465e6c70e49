// The launch page: presets, what runs, what holds it, what it sees, and the script that all of it amounts to.
'use client';
import { Rocket } from 'lucide-react';
import { useSearchParams } from 'next/navigation';
import { type ReactNode, useState } from 'react';
import type { Host } from '../../server/contract/calls.ts';
import { useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { useGroupPaths, useHost, useMayAct, useTick } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { TextField } from '../ui/field.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { CommandField } from './command-field.tsx';
import { EnvironmentFields } from './environment-fields.tsx';
import { formOfLaunched, freeName, type LaunchForm, toRequest } from './launch-form.ts';
import { LaunchLimits } from './launch-limits.tsx';
import { NamespaceSwitches } from './namespace-switches.tsx';
import { PresetCards } from './preset-cards.tsx';
import { type Preset, presets } from './presets.ts';
import { launchScript } from './script.ts';
import { ScriptPreview } from './script-preview.tsx';
import { useLaunch } from './use-launch.ts';

const around = 'mx-auto max-w-[1320px] p-4 max-sm:p-3';

/** Waits for what the form starts with: the machine, the names that are taken, and the launch that is to be repeated. */
export function LaunchPage() {
  const params = useSearchParams();
  const again = params.get('again') ?? undefined;
  const host = useHost();
  const tick = useTick();
  const taken = useGroupPaths();
  const before = useAnswer(again, () => api.group(again ?? '/'));
  if (!host || !tick || (again !== undefined && before.loading)) {
    return (
      <div className={around} aria-busy="true">
        <Skeleton className="h-8 w-40" />
        <Skeleton className="mt-4 h-40 opacity-60" />
        <Skeleton className="mt-4 h-96 opacity-60" />
      </div>
    );
  }
  const chosen = presets.find(({ id }) => id === (params.get('preset') ?? 'leak'));
  const start = before.data
    ? formOfLaunched(before.data, host.managedRoot, taken)
    : chosen && { ...chosen.form, name: freeName(chosen.form.name, host.managedRoot, taken) };
  if (!start) return null;
  return (
    <Form key={again ?? 'new'} start={start} preset={before.data ? undefined : chosen?.id} host={host} taken={taken}>
      {before.error && <ErrorState problem={before.error} />}
    </Form>
  );
}

interface FormProps {
  readonly start: LaunchForm;
  readonly preset: Preset['id'] | undefined;
  readonly host: Host;
  readonly taken: readonly string[];
  /** Shown above everything else. */
  readonly children: ReactNode;
}

function Form({ start, preset, host, taken, children }: FormProps) {
  const mayAct = useMayAct();
  const { form, faults, faulty, pending, problem, preset: chosen, change, choose, submit } = useLaunch(start, preset, host, taken);
  const ready = form.name !== '' && form.command.trim() !== '';
  const [aroundOpen, setAroundOpen] = useState(start.env.length > 0 || start.cwd !== '');
  return (
    <form
      className={`${around} flex flex-col gap-4`}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (mayAct.may) void submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && mayAct.may) void submit();
      }}
    >
      <div>
        <h1 className="text-xl font-semibold">Launch</h1>
        <p className="text-quiet">A process in a control group of its own, held by limits, in namespaces of its own.</p>
      </div>
      {children}
      <PresetCards chosen={chosen} onChoose={choose} />
      <div className="grid items-start gap-4 @min-[860px]:grid-cols-[minmax(0,1fr)_minmax(300px,36%)]">
        <div className="flex min-w-0 flex-col gap-4">
          <Part title="What runs">
            <TextField
              label="Name"
              mono
              value={form.name}
              fault={faults.name}
              autoComplete="off"
              spellCheck={false}
              help={
                <>
                  The group is made at{' '}
                  <code className="font-mono">
                    {host.managedRoot}/{form.name === '' ? '…' : form.name}
                  </code>{' '}
                  in every hierarchy.
                </>
              }
              onChange={(name) => change({ name })}
            />
            <CommandField value={form.command} fault={faults.command} onChange={(command) => change({ command })} />
          </Part>
          <Part title="What holds it">
            <LaunchLimits form={form} faults={faults} onChange={change} />
          </Part>
          <Part title="What it sees">
            <NamespaceSwitches chosen={form.namespaces} fault={faults.namespaces} onChange={(namespaces) => change({ namespaces })} />
            {form.namespaces.includes('uts') && (
              <TextField
                label="Host name"
                mono
                value={form.hostname}
                placeholder={host.host}
                fault={faults.hostname}
                help="Inside only. Empty: as the host."
                onChange={(hostname) => change({ hostname })}
                className="max-w-72"
              />
            )}
          </Part>
          <details
            open={aroundOpen}
            onToggle={(event) => setAroundOpen(event.currentTarget.open)}
            className="rounded-lg border border-line bg-raised"
          >
            <summary className="px-4 py-3 text-sm font-medium">Environment and working directory</summary>
            <div className="px-4 pb-4">
              <EnvironmentFields form={form} faults={faults} onChange={change} />
            </div>
          </details>
        </div>
        <div className="flex min-w-0 flex-col gap-3 @min-[860px]:sticky @min-[860px]:top-4">
          {problem && <ErrorState problem={problem} />}
          <div className="flex items-center gap-3 max-sm:order-2">
            <Button type="submit" variant="primary" pending={pending} reason={mayAct.may ? undefined : mayAct.why} className="flex-1">
              <Rocket aria-hidden />
              {pending ? 'Launching…' : 'Launch'}
            </Button>
            <span className="text-xs text-quiet max-sm:hidden">
              <Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd>
            </span>
          </div>
          {(faulty || Object.keys(faults).length > 0) && (
            <p role="alert" className="text-sm text-hard">
              {faultsText(Object.keys(faults).length)}
            </p>
          )}
          <ScriptPreview script={ready ? launchScript(toRequest(form), host) : undefined} />
        </div>
      </div>
    </form>
  );
}

function faultsText(count: number): string {
  return count === 1 ? 'One field needs another look.' : `${count} fields need another look.`;
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="@container rounded-lg border border-line bg-raised p-4">
      <h2 className="pb-3 text-sm font-medium text-quiet">{title}</h2>
      <div className="flex flex-col gap-4">{children}</div>
    </section>
  );
}
