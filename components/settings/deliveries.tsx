// The last deliveries, newest first: what was sent to whom, and what was answered.
'use client';
import { Check, Clock, X } from 'lucide-react';
import type { Delivery } from '../../server/contract/notices.ts';
import { formatClock } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { Moment } from '../ui/moment.tsx';
import { stateText } from './words.ts';

export function Deliveries({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  return (
    <section aria-labelledby="deliveries" className="flex flex-col gap-2">
      <h2 id="deliveries" className="font-semibold">
        Last deliveries
      </h2>
      {deliveries.length === 0 ? (
        <p className="text-sm text-quiet">None since cgdeck was started.</p>
      ) : (
        <ul className="divide-y divide-line rounded-lg border border-line bg-raised">
          {deliveries.map((delivery) => (
            <Row key={delivery.id} delivery={delivery} />
          ))}
        </ul>
      )}
    </section>
  );
}

const ICONS = { sending: Clock, retrying: Clock, delivered: Check, failed: X } as const;

function Row({ delivery }: { readonly delivery: Delivery }) {
  const { state, time, name, title, answer, nextTime } = delivery;
  const Icon = ICONS[state];
  return (
    <li className="grid grid-cols-[16px_minmax(0,1fr)] items-start gap-x-3 px-4 py-2 text-sm">
      <Icon aria-hidden className={cx('mt-0.5 size-4', state === 'failed' ? 'text-hard' : 'text-quiet')} />
      <div className="min-w-0">
        <p className="flex flex-wrap gap-x-3">
          <Moment at={time} className="text-quiet tabular-nums" />
          <span className="font-medium break-words">{name}</span>
          <span className={cx(state === 'failed' ? 'text-hard' : 'text-quiet')}>
            {stateText(delivery)}
            {nextTime === undefined ? '' : `, next at ${formatClock(nextTime)}`}
          </span>
        </p>
        <p className="break-words">{title}</p>
        {answer !== undefined && <p className="font-mono text-xs break-words text-quiet">{answer}</p>}
      </div>
    </li>
  );
}
