// A routed network: its addresses, the traffic from the process’s side, and the rate in both directions.
'use client';
import { useState } from 'react';
import { ratePerSec } from '../../../server/contract/derive.ts';
import type { Rates } from '../../../server/contract/launch.ts';
import type { RoutedNetwork } from '../../../server/contract/launched.ts';
import { formatCount, type Quantity } from '../../../server/contract/units.ts';
import { useAction } from '../../frame/use-action.ts';
import { api } from '../../live/api.ts';
import type { GroupLive } from '../../live/hooks.ts';
import { aboutGroups } from '../../live/seen.ts';
import { useQuestion } from '../../ui/question.tsx';
import { useAnswer } from '../use-answer.ts';
import { whileChanged } from '../while-changed.ts';
import { formatRate, type Rate, rateInput } from './rate.ts';
import { RateSlider } from './rate-slider.tsx';

/** Other programs may set a rate, which no event reports. */
const EVERY_MS = 5000;

type Way = keyof Rates;

export interface NetworkPanelProps {
  readonly live: GroupLive;
  readonly network: RoutedNetwork;
  readonly reason: string | undefined;
}

export function NetworkPanel({ live, network, reason }: NetworkPanelProps) {
  const { path, inode } = live.entry;
  const { data } = useAnswer(path, () => api.group({ path }), EVERY_MS);
  const [answered, setAnswered] = useState<{ readonly network: RoutedNetwork; readonly over: unknown }>();
  const ask = useQuestion();
  const [asked, setAsked] = useState<Way>();
  const { pending, problem, run, clear } = useAction();
  // The answer is shown until the group is read again.
  const current = answered && answered.over === data ? answered.network : (data?.launched?.network ?? network);
  const set = (way: Way, rate: Rate) => {
    setAsked(way);
    clear();
    const rateIn = ({ rates }: Pick<RoutedNetwork, 'rates'>): Rate => rates[way] ?? null;
    void run(async () => {
      const network = await whileChanged(
        {
          seen: rateIn(current),
          write: (seen) => api.setRates({ group: path, inode, rates: { [way]: rate }, replaces: { [way]: seen } }),
          read: async () => rateIn((await api.group({ path })).launched?.network ?? current),
          question: (now, seen) => ({
            title: `Set ${rateInput(rate)} all the same?`,
            body: `Somebody else has changed the rate of ${path} meanwhile: it is ${rateInput(now)} now, no longer ${rateInput(seen)}. It stays so unless you set ${rateInput(rate)}.`,
            confirm: `Replace ${rateInput(now)}`,
            danger: false,
            about: aboutGroups([live.entry]),
          }),
        },
        ask,
      );
      if (network) setAnswered({ network, over: data });
    });
  };
  const perSec = (key: string) => ratePerSec(live.before, live.now, key);
  const bits = (key: string) => {
    const bytes = perSec(key);
    return bytes === undefined ? undefined : bytes * 8;
  };
  const sent = bits('net.tx_bytes');
  const received = bits('net.rx_bytes');
  const slider = (way: Way) => ({
    inForce: current.rates[way] ?? null,
    pending: pending && asked === way,
    problem: asked === way ? problem : undefined,
    reason,
    onSet: (rate: Rate) => set(way, rate),
  });
  return (
    <div className="flex flex-col gap-4">
      <dl className="flex flex-wrap gap-x-8 gap-y-2 text-sm max-sm:grid max-sm:grid-cols-2">
        <Fact name="Address" value={`${current.address}/${current.prefix}`} />
        <Fact name="Gateway" value={current.gateway} />
        <Fact name="Device of the host" value={current.device} />
        <Fact name="Reaches" value={current.nat ? 'what the host reaches' : 'the host'} plain />
      </dl>
      <dl className="flex flex-wrap gap-x-6 gap-y-2 text-sm max-sm:grid max-sm:grid-cols-2">
        <Live name="Sent" quantity={sent === undefined ? undefined : formatRate(sent)} />
        <Live name="Received" quantity={received === undefined ? undefined : formatRate(received)} />
        <Live name="Packets sent" quantity={countPerSec(perSec('net.tx_packets'))} />
        <Live name="Packets received" quantity={countPerSec(perSec('net.rx_packets'))} />
        <Live name="Dropped, sent" quantity={total(live.readings['net.tx_dropped'])} />
        <Live name="Dropped, received" quantity={total(live.readings['net.rx_dropped'])} />
      </dl>
      <div className="grid grid-cols-1 gap-x-8 gap-y-4 @min-[760px]:grid-cols-2">
        <RateSlider label="Egress rate" about="what it sends" now={sent} {...slider('egressBitsPerSec')} />
        <RateSlider label="Ingress rate" about="what it receives" now={received} {...slider('ingressBitsPerSec')} />
      </div>
    </div>
  );
}

function countPerSec(perSec: number | undefined): Quantity | undefined {
  if (perSec === undefined) return undefined;
  const { figure, unit } = formatCount(perSec);
  return { figure, unit: `${unit}/s` };
}

function total(value: unknown): Quantity | undefined {
  return typeof value === 'number' ? formatCount(value) : undefined;
}

function Fact({ name, value, plain = false }: { readonly name: string; readonly value: string; readonly plain?: boolean }) {
  return (
    <div>
      <dt className="text-xs text-quiet">{name}</dt>
      <dd className={plain ? 'leading-5' : 'font-mono leading-5'}>{value}</dd>
    </div>
  );
}

/** Of fixed width, so that a changing value moves nothing. */
function Live({ name, quantity }: { readonly name: string; readonly quantity: Quantity | undefined }) {
  return (
    <div className="w-24 max-sm:w-auto">
      <dt className="text-xs whitespace-nowrap text-quiet">{name}</dt>
      <dd className="text-lg whitespace-nowrap">
        {quantity?.figure ?? '–'}
        {quantity && <span className="ml-1 text-xs text-quiet">{quantity.unit}</span>}
      </dd>
    </div>
  );
}
