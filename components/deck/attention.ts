// Groups that need a look first: out of memory, under pressure, near their limit, frozen.
import { type Measures, nearLimit } from './measures.ts';

export const attentions = ['oom', 'pressure', 'near', 'frozen'] as const;
export type Attention = (typeof attentions)[number];

export const attentionWords: Record<Attention, { readonly name: string; readonly help: string }> = {
  oom: { name: 'Out of memory', help: 'Out of memory now, or with an OOM kill within the last minute.' },
  pressure: { name: 'Pressure', help: 'The kernel reported memory pressure within the last minute.' },
  near: { name: 'Near limit', help: 'Less than a tenth of the binding limit is left.' },
  frozen: { name: 'Frozen', help: 'Frozen or freezing.' },
};

export function deserves(measures: Measures, attention: Attention): boolean {
  switch (attention) {
    case 'oom':
      return measures.underOom || measures.oomLately;
    case 'pressure':
      return measures.pressure !== undefined;
    case 'near':
      return nearLimit(measures);
    case 'frozen':
      return measures.state !== 'thawed';
    default:
      return attention satisfies never;
  }
}

export type AttentionCounts = Readonly<Record<Attention, number>>;

export function countAttention(all: Iterable<Measures>): AttentionCounts {
  const counts = { oom: 0, pressure: 0, near: 0, frozen: 0 };
  for (const measures of all) for (const attention of attentions) if (deserves(measures, attention)) counts[attention]++;
  return counts;
}
