// The choices for a held group; each shows what it will do while the pointer or the focus is on it.
'use client';
import { NO_RECLAIM_ON_V1 } from '../../server/contract/guard-facts.ts';
import type { HoldChoice } from '../../server/contract/guards.ts';
import { sizeText } from '../group/rail/size-text.ts';
import { useMachineVersion } from '../live/hooks.ts';
import { Button, type ButtonProps } from '../ui/button.tsx';
import { type Foretold, foretellKillAll, foretellRaise, foretellReclaim, foretellThaw, whyNoRaise } from './foretell.ts';
import type { HeldGroup } from './held.ts';

export interface ChoicesProps {
  readonly held: HeldGroup;
  readonly pending: boolean;
  readonly reason: string | undefined;
  readonly act: (choice: HoldChoice) => void;
  readonly foretell: (what: Foretold | undefined) => void;
}

/** Shows what a control will do while the pointer or the focus is on it. */
export function foretelling(foretell: ChoicesProps['foretell'], what: Foretold) {
  return {
    onFocus: () => foretell(what),
    onBlur: () => foretell(undefined),
    onMouseEnter: () => foretell(what),
    onMouseLeave: () => foretell(undefined),
  };
}

export function HoldChoices({ held, pending, reason, act, foretell }: ChoicesProps) {
  const version = useMachineVersion('memory');
  const { suggestedBytes } = held;
  const noRaise = whyNoRaise(held, suggestedBytes);
  const choice = (what: Foretold, does: HoldChoice, off = reason): ButtonProps => ({
    ...foretelling(foretell, what),
    pending,
    reason: off,
    onClick: () => act(does),
  });
  return (
    <>
      <Button
        variant="primary"
        {...choice(
          foretellRaise(held, suggestedBytes),
          { do: 'raise', bytes: suggestedBytes },
          reason ?? (noRaise === undefined ? undefined : 'The machine has no memory left for more.'),
        )}
      >
        Raise to {sizeText(suggestedBytes)}
      </Button>
      <Button {...choice(foretellRaise(held, 'max'), { do: 'dropLimit' })}>Drop the limit</Button>
      <Button {...choice(foretellReclaim(held), { do: 'reclaim' }, reason ?? (version === 1 ? NO_RECLAIM_ON_V1 : undefined))}>
        Reclaim
      </Button>
      <Button {...choice(foretellThaw(held), { do: 'thaw' })}>Thaw as it is</Button>
      <Button variant="quiet" className="ml-auto text-hard!" {...choice(foretellKillAll(held), { do: 'kill' })}>
        Kill all…
      </Button>
    </>
  );
}
