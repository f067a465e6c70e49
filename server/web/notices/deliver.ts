// One attempt to deliver a message, whatever the destination: never throws, ends in time, and its answer has no secret in it.
import type { Destination } from '../../contract/notices.ts';
import { visible } from '../../contract/visible.mjs';
import type { Addresses } from './addresses.ts';
import { hookRequest } from './formats.ts';
import { isFinalForMail, sendMail } from './mail.ts';
import type { Message } from './message.ts';
import { type Outcome, RefusedTarget } from './outcome.ts';
import { post } from './post.ts';
import { withoutSecrets } from './secrets.ts';

const TIMEOUT_MS = 10_000;
const LONGEST_ANSWER = 300;

export interface DeliverOptions {
  readonly addresses: Addresses;
  readonly timeoutMs?: number | undefined;
  /** Ends the attempt: cgdeck stops. */
  readonly signal: AbortSignal;
}

function attempt({ to }: Destination, message: Message, addresses: Addresses, signal: AbortSignal): Promise<Outcome> {
  if (to.type === 'mail') return sendMail({ to, message, addresses, signal });
  return post({ ...hookRequest(to.format, to.url, message), token: to.token, addresses, signal });
}

function sentenceOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map((one) => (one instanceof Error ? one.message : String(one))).join('; ');
  return error instanceof Error ? error.message : String(error);
}

export async function deliver(destination: Destination, message: Message, options: DeliverOptions): Promise<Outcome> {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  let outcome: Outcome;
  try {
    outcome = await attempt(destination, message, options.addresses, AbortSignal.any([options.signal, timeout]));
  } catch (error) {
    const answer = timeout.aborted ? `No answer within ${timeoutMs / 1000} s.` : sentenceOf(error);
    outcome = { delivered: false, answer, retry: !(error instanceof RefusedTarget) && !isFinalForMail(error) };
  }
  const answer = visible(withoutSecrets(outcome.answer, destination).replace(/\s+/g, ' '));
  return { ...outcome, answer: answer.length > LONGEST_ANSWER ? `${answer.slice(0, LONGEST_ANSWER - 1)}…` : answer };
}
