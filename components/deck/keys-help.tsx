// The list of the deck’s keys.
'use client';
import { Dialog } from '../ui/dialog.tsx';
import { Kbd } from '../ui/kbd.tsx';

const KEYS: ReadonlyArray<readonly [readonly string[], string]> = [
  [['j', 'k'], 'Down, up'],
  [['Enter'], 'Open the group'],
  [['←', '→'], 'Fold, unfold'],
  [['Space'], 'Select'],
  [['Shift', 'j'], 'Extend the selection'],
  [['/'], 'Filter'],
  [['f'], 'Freeze'],
  [['t'], 'Thaw'],
  [['l'], 'Limits'],
  [['x'], 'Kill all its processes (asks first)'],
  [['a'], 'Decide about the held group under the cursor, or the one that waits longest'],
  [['n'], 'New group inside'],
  [['d'], 'Remove (asks first)'],
  [['Esc'], 'Clear the selection, then the filter'],
];

export function KeysHelp({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys" description="f, t and x act on the whole selection, if there is one.">
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1.5">
        {KEYS.map(([keys, what]) => (
          <div key={what} className="contents">
            <dt className="flex justify-end gap-1">
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
