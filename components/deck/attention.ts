// Groups that need a look first: held by a guard, out of memory, under pressure, near their limit, frozen.
import { type Measures, nearLimit } from './measures.ts';

export const attentions = ['held', 'oom', 'pressure', 'near', 'frozen'] as const;
export type Attention = (typeof attentions)[number];

export interface AttentionWords {
  readonly name: string;
  readonly help: string;
  readonly deserves: (measures: Measures) => boolean;
}

export const attentionWords: Record<Attention, AttentionWords> = {
  held: {
    name: 'Held',
    help: 'Stopped by a guard, and waiting for a decision. The key a goes there.',
    deserves: ({ held }) => held === 'itself',
  },
  oom: {
    name: 'Out of memory',
    help: 'Out of memory now, or with an OOM kill within the last minute.',
    deserves: ({ underOom, oomLately }) => underOom || oomLately,
  },
  pressure: {
    name: 'Pressure',
    help: 'The kernel reported memory pressure within the last minute.',
    deserves: ({ pressure }) => pressure !== undefined,
  },
  near: { name: 'Near limit', help: 'Less than a tenth of the binding limit is left.', deserves: nearLimit },
  frozen: { name: 'Frozen', help: 'Frozen or freezing.', deserves: ({ state }) => state !== 'thawed' },
};

export type AttentionCounts = Readonly<Record<Attention, number>>;

export function countAttention(all: Iterable<Measures>): AttentionCounts {
  const counts = { held: 0, oom: 0, pressure: 0, near: 0, frozen: 0 };
  for (const measures of all) for (const attention of attentions) if (attentionWords[attention].deserves(measures)) counts[attention]++;
  return counts;
}
