// One POST to a webhook: to checked addresses only, no redirect followed, certificates verified, bounded in time and in what is read.
import { type IncomingMessage, request as requestHttp, STATUS_CODES } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Addresses, lookupOf } from './addresses.ts';
import type { HookRequest } from './formats.ts';
import type { Outcome } from './outcome.ts';

/** Of an answer’s body; people see less of it. */
const MOST_BYTES = 4096;
/** Of all clients, 4xx that another attempt may not get (RFC 9110, RFC 8470, RFC 6585). */
const PASSING = new Set([408, 425, 429]);

export interface PostOptions extends HookRequest {
  readonly token: string | undefined;
  readonly addresses: Addresses;
  /** For the whole attempt. */
  readonly signal: AbortSignal;
}

/** What arrives within bounds; a body that is too long, too slow or cut off does not change what the status says. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      length += (chunk as Buffer).length;
      if (length >= MOST_BYTES) break;
    }
  } catch {
    // Ended by the signal or by the other side.
  }
  response.destroy();
  return Buffer.concat(chunks).subarray(0, MOST_BYTES).toString();
}

/** @returns undefined for what is no number of seconds (RFC 9110, 10.2.3; a date is not waited for) */
function retryAfterMs(response: IncomingMessage): number | undefined {
  const seconds = Number(response.headers['retry-after']);
  return seconds > 0 ? seconds * 1000 : undefined;
}

function outcomeOf(response: IncomingMessage, body: string): Outcome {
  const status = response.statusCode ?? 0;
  const what = `${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const answer = body.trim() === '' ? what : `${what}: ${body.trim()}`;
  if (status >= 200 && status < 300) return { delivered: true, answer, retry: false };
  if (status >= 300 && status < 400) {
    return { delivered: false, answer: `${what}: redirects are not followed; enter the URL that it leads to.`, retry: false };
  }
  return { delivered: false, answer, retry: status >= 500 || PASSING.has(status), retryAfterMs: retryAfterMs(response) };
}

/** @throws RefusedTarget; Error if there is no answer */
export async function post({ url, body, token, addresses, signal }: PostOptions): Promise<Outcome> {
  const found = await addresses.of(url.hostname.replace(/^\[|\]$/g, ''), signal);
  const text = JSON.stringify(body);
  const answered = Promise.withResolvers<IncomingMessage>();
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const request = send(url, {
    method: 'POST',
    agent: false,
    lookup: lookupOf(found),
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'user-agent': 'cgdeck',
      ...(token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` }),
    },
  });
  request.on('response', answered.resolve);
  request.on('error', answered.reject);
  request.end(text);
  const response = await answered.promise;
  return outcomeOf(response, await beginningOf(response));
}
