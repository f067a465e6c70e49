// How far back the charts go: as in the URL, or as far as there are readings.
'use client';
import { cx } from '../../ui/classes.ts';
import { type Range, ranges } from './range.ts';

const RANGE_WORD: Record<Range, string> = { '1m': '1 min', '3m': '3 min', '10m': '10 min' };

export interface RangeChoiceProps {
  readonly range: Range;
  readonly onChange: (range: Range) => void;
}

export function RangeChoice({ range, onChange }: RangeChoiceProps) {
  return (
    <div className="mb-3 flex items-center justify-between">
      <h2 className="text-sm text-quiet">The last {RANGE_WORD[range]}</h2>
      <fieldset aria-label="Time range" className="flex gap-0.5">
        {(Object.keys(ranges) as Range[]).map((key) => (
          <button
            key={key}
            type="button"
            aria-pressed={key === range}
            onClick={() => onChange(key)}
            className={cx(
              'h-6 rounded-sm px-2 text-xs max-sm:h-9 max-sm:px-3',
              key === range ? 'bg-line font-medium text-text' : 'text-quiet hover:bg-hover hover:text-text',
            )}
          >
            {RANGE_WORD[key]}
          </button>
        ))}
      </fieldset>
    </div>
  );
}
