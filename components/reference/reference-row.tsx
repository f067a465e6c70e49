// One control file: name, meaning and values, with its counterpart in the other version and how the two differ.
import { ArrowRight } from 'lucide-react';
import type { ControlFile } from '../../server/contract/control-files.ts';
import { Badge } from '../ui/badge.tsx';
import { otherVersion } from './reference-view.ts';

const ACCESS = { read: 'read', write: 'write only', both: 'read and write' } as const;
const UNIT: Partial<Record<ControlFile['unit'], string>> = {
  userHz: '1/100 s',
  usec: 'µs',
  nsec: 'ns',
  percent: '%',
  none: '',
  state: '',
  count: '',
};

/** What kind of file it is, in a few words. */
function traits({ kind, unit, access, notInRoot, onlyInRoot }: ControlFile): string {
  const where = notInRoot ? 'not in the root group' : onlyInRoot ? 'only in the root group' : '';
  return [kind, UNIT[unit] ?? unit, ACCESS[access], where].filter((part, at, all) => part !== '' && all.indexOf(part) === at).join(' · ');
}

export interface ReferenceRowProps {
  readonly file: ControlFile;
  /** Shows a file of the other version. */
  readonly onOther: (name: string) => void;
}

export function ReferenceRow({ file, onOther }: ReferenceRowProps) {
  const { name, help, refuses, since, deprecated, counterparts = [] } = file;
  return (
    <li className="grid gap-x-8 gap-y-2 py-2.5 text-sm @min-[720px]:grid-cols-[minmax(0,4fr)_minmax(0,3fr)]">
      <div className="min-w-0">
        <h2 className="flex flex-wrap items-center gap-x-2 gap-y-1">
          <code className="font-mono text-base font-medium break-all">{name}</code>
          {deprecated !== undefined && <Badge tone="pressure">deprecated</Badge>}
        </h2>
        <p className="text-xs text-quiet">{traits(file)}</p>
        <p className="mt-1">{help}</p>
        {refuses !== undefined && <p className="mt-1 text-xs text-quiet">{refuses}</p>}
        {[deprecated, since].map(
          (note) =>
            note !== undefined && (
              <p key={note} className="mt-1 text-xs text-quiet">
                {note}
              </p>
            ),
        )}
      </div>
      <div className="min-w-0 @min-[720px]:border-l @min-[720px]:pt-px @min-[720px]:border-line @min-[720px]:pl-4">
        {counterparts.length === 0 ? (
          <p className="text-quiet">No counterpart on v{otherVersion(file.version)}.</p>
        ) : (
          <ul className="flex flex-col gap-2">
            {counterparts.map((other) => (
              <li key={other.name}>
                <button
                  type="button"
                  onClick={() => onOther(other.name)}
                  className="inline-flex max-w-full items-center gap-1.5 rounded-sm text-left hover:underline"
                >
                  <ArrowRight aria-label={`On v${otherVersion(file.version)}:`} className="size-3.5 shrink-0 text-quiet" />
                  <code className="font-mono font-medium break-all">{other.name}</code>
                </button>
                <p className="pl-5 text-xs text-quiet">{other.differs ?? 'Same meaning.'}</p>
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  );
}
