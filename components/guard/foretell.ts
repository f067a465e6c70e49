// What each choice for a held group will do, in a sentence, before it is made; and why one cannot be made.

import { raisedOf } from '../../server/contract/guard-facts.ts';
import type { HoldFacts } from '../../server/contract/guards.ts';
import { bytesText, countText } from '../../server/contract/units.ts';
import { visible } from '../../server/contract/visible.mjs';
import { spanText } from '../group/rail/prediction.ts';
import type { Size } from '../group/rail/scale.ts';
import { sizeText } from '../group/rail/size-text.ts';
import type { HeldGroup } from './held.ts';

type Process = HoldFacts['processes'][number];
/** So little left of the machine’s memory makes a raise risky. */
const SPARE_BYTES = 64 * 2 ** 20;

export interface Foretold {
  readonly sentence: string;
  readonly tone: 'calm' | 'care' | 'danger';
}

const calm = (sentence: string): Foretold => ({ sentence, tone: 'calm' });

/** The size that a new limit has to exceed: its own limit, or what it uses. */
export function floorBytes({ group, facts }: Pick<HeldGroup, 'group' | 'facts'>): number {
  const { limit, usageBytes } = raisedOf(facts);
  return limit.group === group && typeof limit.value === 'number' ? Math.max(limit.value, usageBytes) : usageBytes;
}

/** Why it is no raise; undefined if it is one. */
export function whyNoRaise(held: Pick<HeldGroup, 'group' | 'facts'>, size: Size): string | undefined {
  return size !== 'max' && size <= floorBytes(held) ? `Not above ${sizeText(floorBytes(held))}: choose more.` : undefined;
}

/** A new limit, or none. */
export function foretellRaise(held: Pick<HeldGroup, 'group' | 'facts'>, size: Size): Foretold {
  const { facts, group } = held;
  const { bytesPerSec, machineBytes } = facts;
  const { limit, usageBytes } = raisedOf(facts);
  const above = limit.group !== group && typeof limit.value === 'number' ? { bytes: limit.value, group: limit.group } : undefined;
  if (size === 'max') {
    const bound = above ? `${above.group} still limits it to ${bytesText(above.bytes)}.` : 'only the machine’s memory stops it.';
    return { sentence: `It continues without a limit of its own and without its guard: ${bound}`, tone: 'care' };
  }
  const refused = whyNoRaise(held, size);
  if (refused !== undefined) return { sentence: refused, tone: 'care' };
  if (above && size > above.bytes)
    return { sentence: `${above.group} limits it first, at ${bytesText(above.bytes)}: it will be held there again.`, tone: 'care' };
  const room = size - usageBytes;
  if (machineBytes !== undefined && room > machineBytes - SPARE_BYTES)
    return {
      sentence: `It continues, but the machine has only ${bytesText(machineBytes)} left for the ${bytesText(room)} that this allows.`,
      tone: 'care',
    };
  const full = bytesPerSec !== undefined && bytesPerSec > 0 ? `, full in ${spanText(room / bytesPerSec)} at the rate before` : '';
  return calm(`It continues with ${bytesText(room)} of room${full}, and is held again at its new line.`);
}

export function foretellKill(process: Process): Foretold {
  return {
    sentence: `Kills ${visible(process.comm)} (pid ${process.pid}) at once, which frees about ${bytesText(process.rssBytes)}; the others continue. Its unsaved work is lost.`,
    tone: 'danger',
  };
}

export function foretellKillAll({ facts }: Pick<HeldGroup, 'facts'>): Foretold {
  return { sentence: `Kills ${countText(facts.processCount, 'process', 'processes')} at once. Unsaved work is lost.`, tone: 'danger' };
}

export function foretellMove(group: string): Foretold {
  return calm(`It goes on in another group. What it has used so far stays charged to ${group}, which is still held.`);
}

export function foretellReclaim({ facts }: Pick<HeldGroup, 'facts'>): Foretold {
  const { reclaimableBytes } = facts.kinds;
  const much = reclaimableBytes === undefined ? 'what can be freed' : `up to ${bytesText(reclaimableBytes)} of caches`;
  return calm(`The kernel takes back ${much}. It continues if that brings it under its line; else it is still held.`);
}

export function foretellThaw({ facts, group }: Pick<HeldGroup, 'facts' | 'group'>): Foretold {
  const { value, group: whose } = facts.limit;
  const where = value === 'max' ? 'when the machine is full' : `at ${bytesText(value)}${whose === group ? '' : ` of ${whose}`}`;
  return {
    sentence: `It continues as it is, without its guard until it uses much less: ${where} the kernel kills one of its processes.`,
    tone: 'care',
  };
}
