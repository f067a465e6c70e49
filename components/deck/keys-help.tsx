// The deck's keys, one look away.
'use client';
import { Dialog } from '../ui/dialog.tsx';
import { Kbd } from '../ui/kbd.tsx';

const KEYS: ReadonlyArray<readonly [readonly string[], string]> = [
  [['j', 'k'], 'Down, up'],
  [['Enter'], 'Open the group'],
  [['←', '→'], 'Fold, unfold'],
  [['Space'], 'Select'],
  [['Shift', 'j'], 'Select further'],
  [['/'], 'Filter'],
  [['f'], 'Freeze'],
  [['t'], 'Thaw'],
  [['l'], 'Limits'],
  [['x'], 'Kill everything in it, after a question'],
  [['n'], 'New group inside'],
  [['d'], 'Remove, after a question'],
  [['Esc'], 'Clear the selection, then the filter'],
];

export function KeysHelp({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys" description="With a selection, f, t and x act on all of it.">
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
