// A terminal on the page: its state, its screen, and its actions by mouse and by keyboard.
'use client';
import { Check, ClipboardPaste } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { TO_TYPE } from '../frame/links.ts';
import { useRemembered } from '../frame/use-remembered.ts';
import type { SeenGroup } from '../live/seen.ts';
import { Button } from '../ui/button.tsx';
import { cx } from '../ui/classes.ts';
import { CopyButton, clipboardFault, useCopy } from '../ui/copy-button.tsx';
import { ErrorState } from '../ui/error-state.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Answered } from '../ui/spoken.tsx';
import { notify } from '../ui/toast.tsx';
import type { TerminalState } from './connection.ts';
import type { Screen } from './screen.ts';
import { openSession, type Session } from './session.ts';
import { isOldScreen, terminalWords } from './words.ts';

export interface TerminalViewProps {
  readonly group: SeenGroup;
  readonly id: string;
}

export function TerminalView({ group: { path, inode }, id }: TerminalViewProps) {
  const element = useRef<HTMLDivElement>(null);
  const after = useRef<HTMLParagraphElement>(null);
  const [state, setState] = useState<TerminalState>({ is: 'connecting' });
  const [screen, setScreen] = useState<Screen>();
  const session = useRef<Session>(undefined);
  const [round, setRound] = useState(0);
  const copying = useCopy();
  const { copy } = copying;
  const mayType = state.is === 'live' && state.mayType;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round connects again
  useEffect(() => {
    if (!element.current) return;
    let own: Screen | undefined;
    setState({ is: 'connecting' });
    const opened = openSession({
      element: element.current,
      group: { path, inode },
      id,
      onState: (next) => {
        setState(next);
        // Not before: what is typed into a terminal that is not live is lost.
        if (next.is === 'live' && next.mayType && wasAskedFor()) own?.focus();
      },
      onScreen: (ready) => {
        own = ready;
        setScreen(ready);
      },
      onLeave: () => after.current?.focus(),
      onCopy: () => own && copy(own.text),
    });
    session.current = opened;
    return () => {
      opened.end();
      setScreen(undefined);
    };
  }, [path, inode, id, round, copy]);
  const { word, detail } = terminalWords(state);
  return (
    <div>
      <div className="flex min-h-6 flex-wrap items-center gap-2 pb-2 text-sm text-quiet">
        <Answered role="status" of={word} className="mr-auto min-w-0">
          <span className="font-medium text-text">{word}</span>
          {detail !== undefined && <> · {detail}</>}
        </Answered>
        {mayType && state.otherSize && (
          <Button size="sm" onClick={() => session.current?.applySize()}>
            Use this screen’s size
          </Button>
        )}
        <ReaderSwitch screen={screen} />
        {mayType && screen && <PasteButton screen={screen} />}
        <CopyButton {...copying} text={() => screen?.text ?? ''} what="selection, or everything" />
      </div>
      {state.is === 'problem' && (
        <div className="pb-2">
          <ErrorState problem={state.problem} actions={<Button onClick={() => setRound(round + 1)}>Connect again</Button>} />
        </div>
      )}
      <section
        aria-label="Terminal"
        aria-describedby="terminal-keys"
        aria-busy={state.is === 'connecting'}
        className={cx('h-108 rounded-md border border-line bg-surface p-2 has-focus:border-line-strong', isOldScreen(state) && 'stale')}
      >
        {/* No padding: it would be counted as room for cells. */}
        <div ref={element} className="h-full overflow-hidden font-mono" />
      </section>
      <p
        ref={after}
        id="terminal-keys"
        tabIndex={-1}
        className="flex flex-wrap items-center gap-x-1 gap-y-0.5 rounded-sm pt-1.5 text-xs text-quiet"
      >
        <Chord keys={['Ctrl', 'Shift', 'L']} does="leaves the terminal, where Tab is typed" />
        <Chord keys={['Ctrl', 'Shift', 'C']} does="copies" />
        {mayType && <Chord keys={['Ctrl', 'Shift', 'V']} does="pastes" />}
      </p>
    </div>
  );
}

/** Only once: keys that move back to the tab continue there. */
function wasAskedFor(): boolean {
  if (location.hash !== TO_TYPE) return false;
  window.history.replaceState(null, '', location.pathname + location.search);
  return true;
}

function Chord({ keys, does }: { readonly keys: readonly string[]; readonly does: string }) {
  return (
    <span className="mr-3 flex items-center gap-1">
      {keys.map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
      <span>{does}</span>
    </span>
  );
}

/** Off by default: it puts each row into the page a second time. */
function ReaderSwitch({ screen }: { readonly screen: Screen | undefined }) {
  const [reader, setReader] = useRemembered('cgdeck-terminal-reader', ['off', 'on'], 'off');
  useEffect(() => screen?.setReader(reader === 'on'), [screen, reader]);
  return (
    <Button size="sm" aria-pressed={reader === 'on'} onClick={() => setReader(reader === 'on' ? 'off' : 'on')}>
      {reader === 'on' && <Check aria-hidden />}
      For screen readers
    </Button>
  );
}

function PasteButton({ screen }: { readonly screen: Screen }) {
  const paste = async () => {
    try {
      screen.paste(await navigator.clipboard.readText());
    } catch {
      notify({ title: 'The browser did not allow reading the clipboard', detail: 'Ctrl+Shift+V in the terminal pastes without asking.' });
    }
  };
  return (
    <Button icon={ClipboardPaste} size="sm" reason={clipboardFault()} onClick={() => void paste()}>
      Paste
    </Button>
  );
}
