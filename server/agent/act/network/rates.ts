// Limits on how fast a launched process may send and receive, and the token buckets that enforce them (tc-tbf(8)).
import { z } from 'zod';
import { ProblemError } from '../../../contract/problems.ts';

/** At lower rates a single full frame would take longer than TCP’s timeouts. */
const MIN_BITS_PER_SEC = 1_000;
const MAX_BITS_PER_SEC = 100_000_000_000;

const Rate = z.number().int().min(MIN_BITS_PER_SEC).max(MAX_BITS_PER_SEC);

/** From the launched process’s side: egress is what it sends, ingress what it receives. Absent: unlimited. */
export const Rates = z.strictObject({ egressBitsPerSec: Rate.optional(), ingressBitsPerSec: Rate.optional() });
/** In a request null also means unlimited. */
const AskedRates = z.strictObject({ egressBitsPerSec: Rate.nullish(), ingressBitsPerSec: Rate.nullish() });
export type AskedRates = Readonly<z.infer<typeof AskedRates>>;
export type Rates = Readonly<z.infer<typeof Rates>>;

/** A frame of veth’s MTU of 1,500 bytes with its header: tbf counts both, and drops frames larger than the bucket. */
const FRAME_BYTES = 1_514;
/** tc-tbf(8): a bucket must hold what passes between two timer ticks, which are at most 4 ms apart at the usual 250 Hz or more. */
const BUCKET_SEC = 0.004;
/** Two frames, so that a slow link can send one while the next one’s tokens arrive. */
const MIN_BUCKET_BYTES = 2 * FRAME_BYTES;
/** The length of the queue: enough for TCP to fill the link over a usual round trip, short enough for voice calls. */
const QUEUE_SEC = 0.05;
/** TCP detects a loss by three later segments; with a shorter queue each loss would cost a timeout. */
const MIN_QUEUE_BYTES = 4 * FRAME_BYTES;
/** The queue is kernel memory that no group is charged for, so it is bounded: 50 ms up to 5 Gbit/s. */
const MAX_QUEUE_BYTES = 32 * 1024 * 1024;

export interface TokenBucket {
  readonly rateBitsPerSec: number;
  readonly burstBytes: number;
  /** The queue and the bucket together, as tbf’s `limit` counts them. */
  readonly limitBytes: number;
}

export function tokenBucket(rateBitsPerSec: number): TokenBucket {
  const bytesPerSec = rateBitsPerSec / 8;
  const burstBytes = Math.max(MIN_BUCKET_BYTES, Math.ceil(bytesPerSec * BUCKET_SEC));
  const queueBytes = Math.min(MAX_QUEUE_BYTES, Math.max(MIN_QUEUE_BYTES, Math.ceil(bytesPerSec * QUEUE_SEC)));
  return { rateBitsPerSec, burstBytes, limitBytes: burstBytes + queueBytes };
}

/** A line of `tc -batch` that limits a device’s sending to the rate, or removes the limit. */
export function rateCommand(device: string, rateBitsPerSec: number | undefined): string {
  if (rateBitsPerSec === undefined) return `qdisc del dev ${device} root`;
  const { burstBytes, limitBytes } = tokenBucket(rateBitsPerSec);
  return `qdisc replace dev ${device} root tbf rate ${rateBitsPerSec}bit burst ${burstBytes}b limit ${limitBytes}b`;
}

/** @throws ProblemError invalid, with the rate’s name and the accepted values */
export function checkedRates(rates: unknown): Rates {
  const checked = AskedRates.safeParse(rates);
  if (checked.success) return Object.fromEntries(Object.entries(checked.data).filter(([, rate]) => typeof rate === 'number'));
  const name = checked.error.issues[0]?.path.join('.') || 'rates';
  throw new ProblemError(
    'invalid',
    `${name} is not a valid rate. Give a whole number of bits per second between ${MIN_BITS_PER_SEC} (1 kbit/s) and ${MAX_BITS_PER_SEC} (100 Gbit/s), or leave it out for no limit.`,
    { file: name, cause: checked.error },
  );
}
