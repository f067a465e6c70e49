// How fast a launched process may send and receive, and the token bucket that holds it to that (tc-tbf(8)).
import { z } from 'zod';
import { ProblemError } from '../../../contract/problems.ts';

/** Below this a single full frame would take longer than the timeouts of TCP. */
const MIN_BITS_PER_SEC = 1_000;
const MAX_BITS_PER_SEC = 100_000_000_000;

const Rate = z.number().int().min(MIN_BITS_PER_SEC).max(MAX_BITS_PER_SEC);

/** As seen from the launched process: egress is what it sends, ingress what it receives. Absent: unlimited. */
export const Rates = z.strictObject({ egressBitsPerSec: Rate.optional(), ingressBitsPerSec: Rate.optional() });
/** As they are asked for: null, too, is no limit. */
const AskedRates = z.strictObject({ egressBitsPerSec: Rate.nullish(), ingressBitsPerSec: Rate.nullish() });
export type AskedRates = Readonly<z.infer<typeof AskedRates>>;
export type Rates = Readonly<z.infer<typeof Rates>>;

/** An Ethernet frame of the veth's MTU of 1,500 bytes, with its header: tbf counts both, and never lets go what exceeds the bucket. */
const FRAME_BYTES = 1_514;
/** tc-tbf(8): a bucket has to hold what passes between two timer interrupts; 4 ms is one at the slowest usual clock, 250 Hz. */
const BUCKET_SEC = 0.004;
/** Two frames, so that a slow link can send one while the next one’s tokens arrive. */
const MIN_BUCKET_BYTES = 2 * FRAME_BYTES;
/** What may wait: long enough for TCP to fill the link over a usual round trip, short enough that a call does not drown in it. */
const QUEUE_SEC = 0.05;
/** TCP notices a loss by three later segments: with less room in the queue than that each loss would cost a timeout. */
const MIN_QUEUE_BYTES = 4 * FRAME_BYTES;
/** Kernel memory is ours, not the group’s: this bounds what one link can hold, and is 50 ms up to 5 Gbit/s. */
const MAX_QUEUE_BYTES = 32 * 1024 * 1024;

export interface TokenBucket {
  readonly rateBitsPerSec: number;
  readonly burstBytes: number;
  /** The queue and the bucket, as tbf’s own `limit` counts. */
  readonly limitBytes: number;
}

export function tokenBucket(rateBitsPerSec: number): TokenBucket {
  const bytesPerSec = rateBitsPerSec / 8;
  const burstBytes = Math.max(MIN_BUCKET_BYTES, Math.ceil(bytesPerSec * BUCKET_SEC));
  const queueBytes = Math.min(MAX_QUEUE_BYTES, Math.max(MIN_QUEUE_BYTES, Math.ceil(bytesPerSec * QUEUE_SEC)));
  return { rateBitsPerSec, burstBytes, limitBytes: burstBytes + queueBytes };
}

/** One line of `tc -batch` that makes a device send at no more than the rate, or as fast as it can. */
export function rateCommand(device: string, rateBitsPerSec: number | undefined): string {
  if (rateBitsPerSec === undefined) return `qdisc del dev ${device} root`;
  const { burstBytes, limitBytes } = tokenBucket(rateBitsPerSec);
  return `qdisc replace dev ${device} root tbf rate ${rateBitsPerSec}bit burst ${burstBytes}b limit ${limitBytes}b`;
}

/** @throws ProblemError invalid, which names the rate and what is taken */
export function checkedRates(rates: unknown): Rates {
  const checked = AskedRates.safeParse(rates);
  if (checked.success) return Object.fromEntries(Object.entries(checked.data).filter(([, rate]) => typeof rate === 'number'));
  const name = checked.error.issues[0]?.path.join('.') || 'rates';
  throw new ProblemError(
    'invalid',
    `The ${name} is not a rate that can be kept. Give a whole number of bits a second between ${MIN_BITS_PER_SEC} (1 kbit/s) and ${MAX_BITS_PER_SEC} (100 Gbit/s), or leave it out for no limit.`,
    { file: name, cause: checked.error },
  );
}
