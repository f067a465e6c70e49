// What a held group’s memory consists of, as a small stacked bar with figures.

import type { HoldFacts } from '../../server/contract/guards.ts';
import { formatBytes } from '../../server/contract/units.ts';
import { cx } from '../ui/classes.ts';
import { Figure } from '../ui/figure.tsx';
import { kindsOf } from './kinds.ts';

export function UsageKinds({ facts }: { readonly facts: HoldFacts }) {
  const kinds = kindsOf(facts);
  const { reclaimableBytes, swapBytes } = facts.kinds;
  return (
    <div>
      <div aria-hidden className="flex h-2.5 gap-px overflow-hidden rounded-[2px] bg-surface">
        {kinds.map(({ name, bytes, fill }) => (
          <div key={name} className={cx('min-w-[2px]', fill)} style={{ flexGrow: bytes }} />
        ))}
      </div>
      <dl className="mt-1.5 text-sm">
        {kinds.map(({ name, bytes, help, fill }) => (
          <Row key={name} name={name} help={help} fill={fill} bytes={bytes} />
        ))}
        <Row name="Can be reclaimed" bytes={reclaimableBytes} help="What the kernel can free without swap." quiet />
        {swapBytes !== undefined && swapBytes > 0 && <Row name="In swap" bytes={swapBytes} help="Beside the usage." quiet />}
      </dl>
    </div>
  );
}

interface RowProps {
  readonly name: string;
  readonly help: string;
  readonly bytes: number | undefined;
  readonly fill?: string;
  readonly quiet?: boolean;
}

function Row({ name, help, bytes, fill, quiet = false }: RowProps) {
  return (
    <div title={help} className="flex h-5 items-center gap-2">
      <span aria-hidden className={cx('size-[9px] rounded-[2px]', fill)} />
      <dt className={cx('flex-1', quiet && 'text-quiet')}>{name}</dt>
      <dd>
        <Figure quantity={bytes === undefined ? undefined : formatBytes(bytes)} />
      </dd>
    </div>
  );
}
