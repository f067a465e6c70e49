// The memory rail of a held group: its usage, its line, and one thumb for the new limit. Released, it decides.
'use client';
import { useState } from 'react';
import { raisedOf } from '../../server/contract/guard-facts.ts';
import { MemoryRail } from '../group/rail/memory-rail.tsx';
import type { Size } from '../group/rail/scale.ts';
import { floorBytes, foretellRaise, whyNoRaise } from './foretell.ts';
import type { HeldGroup } from './held.ts';

export interface RaiseRailProps {
  readonly held: HeldGroup;
  readonly memoryBytes: number;
  readonly pending: boolean;
  readonly reason: string | undefined;
  /** While it is moved; undefined when it is released. */
  readonly onMove: (size: Size | undefined) => void;
  readonly onRaise: (size: Size) => void;
}

export function RaiseRail({ held, memoryBytes, pending, reason, onMove, onRaise }: RaiseRailProps) {
  const [asked, setAsked] = useState<Size>();
  const { facts, group } = held;
  const { kinds, state } = facts;
  const { limit, usageBytes, lineBytes } = raisedOf(facts);
  const own: Size = limit.group === group ? limit.value : 'max';
  const move = (size: Size | undefined) => {
    setAsked(size);
    onMove(size);
  };
  const apply = () => {
    if (asked === undefined) return;
    move(undefined);
    if (whyNoRaise(held, asked) === undefined && asked !== own) onRaise(asked);
  };
  return (
    <MemoryRail
      memoryBytes={memoryBytes}
      usageBytes={usageBytes}
      reclaimableBytes={kinds.reclaimableBytes}
      lineBytes={lineBytes}
      ancestor={limit.group !== group && typeof limit.value === 'number' ? { bytes: limit.value, group: limit.group } : undefined}
      state={state}
      hard={{
        label: `New limit${facts.memsw?.isMet ? ' on memory and swap' : ''} of ${group}`,
        size: asked ?? own,
        phase: pending ? 'pending' : asked === undefined ? 'idle' : 'held',
        reason,
        prediction: asked === undefined ? undefined : foretellRaise(held, asked).sentence,
        onHold: () => move(asked ?? (own === 'max' ? floorBytes(held) : own)),
        onMove: move,
        onApply: apply,
        onCancel: () => move(undefined),
      }}
    />
  );
}
