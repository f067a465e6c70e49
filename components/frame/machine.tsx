// This machine: its kernel, the mounted hierarchies and their controllers, the managed root, and what is missing here.
'use client';
import { TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import type { Host } from '../../server/contract/answers.ts';
import { useHost } from '../live/hooks.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Tip } from '../ui/tooltip.tsx';
import { controllerWords, missingWords, modeWords } from './machine-words.ts';

interface MachineProps {
  readonly host: Host;
  readonly open: boolean;
  readonly onClose: () => void;
}

/** Each sentence once: one cause may make two features missing. */
const missingOn = ({ missing }: Host) => [...new Set(missing)];

function Machine({ host, open, onClose }: MachineProps) {
  const missing = missingOn(host);
  return (
    <Dialog open={open} onClose={onClose} title={host.host}>
      <div className="flex flex-col gap-4 text-sm">
        {missing.length > 0 && (
          <section aria-label="What is missing here">
            <h3 className="flex items-center gap-2 font-medium text-pressure-critical">
              <TriangleAlert aria-hidden className="size-3.5 shrink-0" />
              What is missing here
            </h3>
            <ul className="mt-1 flex list-disc flex-col gap-1 pl-[30px] marker:text-quiet">
              {missing.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </section>
        )}
        <section aria-label="Control groups">
          <h3 className="font-medium">{modeWords[host.mode]}</h3>
          <ul className="mt-1 divide-y divide-line border-y border-line">
            {host.hierarchies
              .toSorted((a, b) => b.version - a.version)
              .map((hierarchy) => (
                <li key={hierarchy.mountPoint} className="grid grid-cols-[20px_minmax(0,1fr)_auto] items-baseline gap-x-2 py-1">
                  <span className="text-quiet">v{hierarchy.version}</span>
                  <span className="min-w-0">{controllerWords(hierarchy)}</span>
                  <code className="max-w-52 truncate font-mono text-xs text-quiet" title={hierarchy.mountPoint}>
                    {hierarchy.mountPoint}
                  </code>
                </li>
              ))}
          </ul>
        </section>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
          <dt className="text-quiet">Kernel</dt>
          <dd className="font-mono text-xs leading-4 break-all">{host.kernel}</dd>
          <dt className="text-quiet">cgdeck acts under</dt>
          <dd className="font-mono text-xs leading-4 break-all">{[host.managedRoot, ...host.control].join(', ')}</dd>
          <dt className="text-quiet">cgdeck</dt>
          <dd>{host.version}</dd>
        </dl>
      </div>
      <div className="flex justify-end">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

/** The machine’s name, which opens the details. */
export function MachineName({ host }: { readonly host: Host }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className="-mx-1.5 flex h-9 min-w-0 flex-col justify-center rounded-md px-1.5 text-left hover:bg-hover"
      >
        <span className="max-w-full truncate text-sm font-medium">{host.host}</span>
        <span className="max-w-full truncate text-2xs text-quiet">
          Linux {host.kernel.replace(/-.*/, '')}, {host.mode === 'hybrid' ? 'v1 and v2' : host.mode}
        </span>
        <span className="sr-only">, about this machine</span>
      </button>
      <Machine host={host} open={open} onClose={() => setOpen(false)} />
    </>
  );
}

/** Shown at every width while a feature is missing, with the count. */
export function MissingMark() {
  const host = useHost();
  const [open, setOpen] = useState(false);
  const count = host ? missingOn(host).length : 0;
  if (!host || count === 0) return null;
  const words = missingWords(count);
  return (
    <>
      <Tip text={words} side="bottom">
        <Button variant="quiet" aria-label={words} className="px-1.5" onClick={() => setOpen(true)}>
          <TriangleAlert aria-hidden className="size-3.5 text-pressure-medium" strokeWidth={1.75} />
          <span className="text-sm max-sm:sr-only">{count}</span>
        </Button>
      </Tip>
      <Machine host={host} open={open} onClose={() => setOpen(false)} />
    </>
  );
}
