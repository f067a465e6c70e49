// The reference: every control file of one version, by controller, each with its counterpart in the other; the URL has what is shown.
'use client';
import { Search } from 'lucide-react';
import type { Controller } from '../../server/contract/control-files.ts';
import { versionOf } from '../../server/contract/controller.ts';
import { useUrlView } from '../frame/use-url-view.ts';
import { useHost } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { BareInput } from '../ui/field.tsx';
import { Toggle } from '../ui/toggle.tsx';
import { Mounted } from './mounted.tsx';
import { ReferenceRow } from './reference-row.tsx';
import { controllersOf, listedFiles, otherVersion, referenceFromSearch, referenceToSearch, type Version } from './reference-view.ts';
import { ReferenceWaiting } from './reference-waiting.tsx';

/** The kernel documents’ word for files of no controller. */
const NAME: Partial<Record<Controller, string>> = { cgroup: 'core', psi: 'pressure' };
const VERSIONS: readonly Version[] = [1, 2];

export function ReferencePage() {
  const [view, change] = useUrlView('/files', referenceFromSearch, referenceToSearch);
  const host = useHost();
  if (!host) return <ReferenceWaiting />;
  const of = view.of ?? versionOf('memory', host.hierarchies) ?? 2;
  const files = listedFiles(of, view.controller, view.find);
  const shown = view.find.trim() === '' ? files[0]?.controller : undefined;
  const other = otherVersion(of);
  return (
    <div className="px-4 pt-3 pb-8 max-sm:px-3">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1">
          <h1 className="text-lg font-semibold">Control files</h1>
          <Mounted host={host} />
        </div>
        <div className="relative w-64 max-sm:w-full">
          <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-quiet max-sm:top-3" />
          <BareInput
            type="search"
            value={view.find}
            onChange={(find) => change({ find })}
            label="Find a control file"
            placeholder="Name of either version, or a word"
            className="pl-8"
          />
        </div>
      </div>
      <div className="mt-3 flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line pb-2">
        <fieldset aria-label="Version" className="flex gap-1">
          {VERSIONS.map((version) => (
            <Toggle
              className="h-7 shrink-0 rounded-md text-sm max-sm:h-9"
              key={version}
              on={version === of}
              onPress={() => change({ of: version })}
            >
              {version === 1 ? 'v1 → v2' : 'v2 → v1'}
            </Toggle>
          ))}
        </fieldset>
        <fieldset aria-label="Controller" className="flex min-w-0 flex-wrap gap-1 max-sm:flex-nowrap max-sm:overflow-x-auto">
          {[...controllersOf(of)].map(([name, count]) => (
            <Toggle
              className="h-7 shrink-0 rounded-md text-sm max-sm:h-9"
              key={name}
              on={name === shown}
              onPress={() => change({ controller: name, find: '' })}
            >
              {NAME[name] ?? name} <span className="text-xs text-quiet">{count}</span>
            </Toggle>
          ))}
        </fieldset>
      </div>
      {files.length > 0 ? (
        <ul className="divide-y divide-line border-b border-line">
          {files.map((file) => (
            <ReferenceRow key={file.name} file={file} onOther={(name) => change({ of: other, find: name })} />
          ))}
        </ul>
      ) : (
        <EmptyState title={`No file of v${of} matches`} actions={<Button onClick={() => change({ of: other })}>Search v{other}</Button>}>
          Search for a file’s name, its counterpart’s name, or words of the explanation.
        </EmptyState>
      )}
    </div>
  );
}
