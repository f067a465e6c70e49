// The launch form: basics first, the rest in folded sections with a line each, and beside it the button and the script.
'use client';
import { Rocket } from 'lucide-react';
import { Fragment, type ReactNode, useEffect, useRef, useState } from 'react';
import type { Host } from '../../server/contract/answers.ts';
import { useAnswer } from '../group/use-answer.ts';
import { api } from '../live/api.ts';
import { useWhyNotAct } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { later } from '../ui/later.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { AroundSection } from './around-section.tsx';
import { BasicsPart } from './basics-part.tsx';
import { DevicesSection } from './devices-section.tsx';
import { DraftNote } from './draft-note.tsx';
import { FilesSection } from './files-section.tsx';
import { GuardSection } from './guard-section.tsx';
import type { LaunchForm } from './launch-form.ts';
import { LaunchLimits } from './launch-limits.tsx';
import { LifeSection } from './life-section.tsx';
import { NetworkSection } from './network-section.tsx';
import { Part } from './part.tsx';
import { PresetCards } from './preset-cards.tsx';
import type { Source } from './presets.ts';
import { PrivilegesSection } from './privileges-section.tsx';
import { toRequest } from './requests.ts';
import { SaveTemplate } from './save-template.tsx';
import { SeesPart } from './sees-part.tsx';
import { Templates } from './templates.tsx';
import { type LaunchState, useLaunch } from './use-launch.ts';

const ScriptPreview = later(async () => (await import('./script-preview.tsx')).ScriptPreview, {
  Waiting: () => <Skeleton className="min-h-80" />,
});

export interface LaunchFormViewProps {
  /** Names its draft. */
  readonly which: string;
  readonly start: LaunchForm;
  readonly source: Source | undefined;
  readonly host: Host;
  readonly taken: readonly string[];
  /** Shown above everything else. */
  readonly children: (state: Pick<LaunchState, 'form' | 'change'>) => ReactNode;
}

/** Scrolls to the first field with a fault, in any part of the form. */
function toFirstFault(fields: HTMLElement | null): void {
  const at = fields?.querySelector<HTMLElement>('[aria-invalid=true], [role=alert]');
  at?.scrollIntoView({ block: 'center' });
  at?.focus({ preventScroll: true });
}

export function LaunchFormView({ which, start, source, host, taken, children }: LaunchFormViewProps) {
  const why = useWhyNotAct();
  const state = useLaunch(which, start, source, host, taken);
  const { form, faults, change } = state;
  const saved = useAnswer('templates', () => api.templates());
  const chosen = state.source;
  const loaded = chosen && 'template' in chosen ? chosen : undefined;
  const part = { form, faults, onChange: change };
  const fields = useRef<HTMLDivElement>(null);
  const [refused, setRefused] = useState(0);
  const submit = async () => {
    if (why === undefined && !(await state.submit())) setRefused((last) => last + 1);
  };
  // After the faults are rendered and their sections are open.
  useEffect(() => {
    if (refused > 0) toFirstFault(fields.current);
  }, [refused]);
  return (
    <form
      className="mx-auto flex max-w-[1320px] flex-col gap-4 p-4 max-sm:p-3"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.repeat && (event.ctrlKey || event.metaKey)) void submit();
      }}
    >
      <div>
        <h1 className="text-xl font-semibold">Launch</h1>
        <p className="flex flex-wrap items-baseline justify-between gap-x-4 text-quiet">
          A process in its own control group, with limits, and in its own namespaces.
          <span className="text-xs max-sm:hidden">
            <Kbd>Ctrl</Kbd> <Kbd>Enter</Kbd> launches
          </span>
        </p>
      </div>
      {state.draft && <DraftNote draft={state.draft} onStartOver={state.startOver} />}
      {children(state)}
      <PresetCards memory={form.on.memory} chosen={chosen && 'preset' in chosen ? chosen.preset : undefined} onChoose={state.choose} />
      <Templates saved={saved} chosen={loaded?.template} onChoose={state.chooseTemplate} />
      <div className="grid items-start gap-4 @min-[860px]:grid-cols-[minmax(0,1fr)_minmax(300px,36%)]">
        <div ref={fields} className="flex min-w-0 flex-col gap-4">
          <Fragment key={state.filled}>
            <BasicsPart {...part} host={host} />
            <Part title="Limits">
              <LaunchLimits {...part} />
            </Part>
            <GuardSection {...part} />
            <SeesPart {...part} hostname={host.host} />
            <FilesSection {...part} />
            <NetworkSection {...part} />
            <DevicesSection {...part} host={host} />
            <PrivilegesSection {...part} />
            <AroundSection {...part} />
            <LifeSection {...part} />
          </Fragment>
        </div>
        <Side state={state} host={host} why={why}>
          <SaveTemplate
            request={toRequest(form)}
            suggested={loaded?.template ?? form.name}
            templates={saved.data?.templates ?? []}
            loaded={loaded}
            reason={why ?? (state.faulty ? 'The form could not be launched yet.' : undefined)}
            onSaved={(template) => {
              state.savedAs(template);
              saved.again();
            }}
          />
        </Side>
      </div>
    </form>
  );
}

interface SideProps {
  readonly state: LaunchState;
  readonly host: Host;
  readonly why: string | undefined;
  readonly children: ReactNode;
}

function Side({ state: { form, faults, pending, problem }, host, why, children }: SideProps) {
  const ready = form.name !== '' && form.command.trim() !== '';
  const shown = Object.keys(faults).length;
  return (
    <div className="flex min-w-0 flex-col gap-3 @min-[860px]:sticky @min-[860px]:top-4">
      {problem && <ErrorState problem={problem} />}
      <div className="flex flex-wrap items-center gap-3 max-sm:order-2">
        <Button icon={Rocket} type="submit" variant="primary" pending={pending} reason={why} className="flex-1">
          {pending ? 'Launching…' : 'Launch'}
        </Button>
        {children}
      </div>
      {shown > 0 && (
        <p role="alert" className="text-sm text-hard">
          {shown === 1 ? 'One field has an error.' : `${shown} fields have errors.`}
        </p>
      )}
      <ScriptPreview request={ready ? toRequest(form) : undefined} host={host} />
    </div>
  );
}
