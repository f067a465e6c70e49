// The launch as a shell script: comments quiet, everything as it would be typed.
'use client';
import type { Host } from '../../server/contract/answers.ts';
import type { LaunchRequest } from '../../server/contract/launch.ts';
import { CopyButton, useCopy } from '../ui/copy-button.tsx';
import { launchScript } from './script.ts';

export interface ScriptPreviewProps {
  /** Undefined where the form has no name or command. */
  readonly request: LaunchRequest | undefined;
  readonly host: Host;
}

export function ScriptPreview({ request, host }: ScriptPreviewProps) {
  const script = request && launchScript(request, host);
  const copying = useCopy();
  return (
    <section aria-label="What will be written" className="flex min-h-0 flex-col rounded-lg border border-line bg-raised">
      <div className="flex items-center justify-between gap-2 border-b border-line py-1.5 pr-2 pl-3">
        <h2 className="text-sm font-medium">What will be written where</h2>
        {script !== undefined && <CopyButton {...copying} text={() => script} what="script" />}
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keyboard
        tabIndex={0}
        className="max-h-[max(320px,calc(100dvh-260px))] min-h-40 flex-1 overflow-auto p-3 font-mono text-xs leading-[18px] whitespace-pre-wrap break-words"
      >
        {script === undefined ? (
          <span className="text-quiet">Enter a name and a command to see the script.</span>
        ) : (
          script.split('\n').map((line, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line of a script is its place
            <span key={i} className={line.startsWith('#') ? 'text-quiet' : ''}>
              {line}
              {'\n'}
            </span>
          ))
        )}
      </pre>
      <p className="border-t border-line px-3 py-2 text-xs text-quiet">
        cgdeck does the same with its own launcher: it reads each limit back, and if a step fails it undoes those before.
      </p>
    </section>
  );
}
