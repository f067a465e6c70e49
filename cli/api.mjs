// The API over HTTP: acts with an id of their own, so that one is repeated after a lost answer. Plain JavaScript for Node 20.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './arguments.mjs';

const base = (process.env.CGDECK_URL ?? 'http://127.0.0.1:7420').replace(/\/+$/, '');

/** As fetch(), which would give up after five minutes without an answer: a stop may take longer. */
function request(address, { body, ...options }) {
  return new Promise((resolve, reject) => {
    const { request: begin } = address.startsWith('https:') ? https : http;
    const asked = begin(address, { ...options, agent: false }, (answer) => {
      const { statusCode: status, statusMessage: statusText, headers } = answer;
      const init = { status, statusText, headers: { 'content-type': headers['content-type'] ?? '' } };
      try {
        resolve(new Response(status === 204 ? null : Readable.toWeb(answer), init));
      } catch (error) {
        // A status that no answer to a request has.
        reject(error);
      }
    });
    // A server that wants another protocol closes without an error.
    asked.on('error', reject).on('close', () => reject(new Error('it closed the connection')));
    asked.end(body);
  });
}

/** Before each repetition of an act whose answer was lost. */
const REPEAT_MS = [100, 300, 600, 1000];

/** No server listens: nothing was sent. */
const notSent = ({ code }) => code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN';

/** An act has an id of its own: repeated after a lost answer, it is done once and answers the same. */
async function requestOnce(address, { method, headers, ...rest }) {
  if (method === 'GET') return request(address, { method, headers, ...rest });
  const options = { method, headers: { ...headers, 'idempotency-key': randomUUID() }, ...rest };
  let isUnknown = false;
  let last = new Error('the agent is not connected');
  for (let round = 0; ; round++) {
    try {
      const answer = await request(address, options);
      if (answer.status !== 503) return answer;
      const text = await answer.text();
      const isLost = text.includes('"answer_lost"');
      if (!isLost && !isUnknown) return new Response(text, { status: 503, headers: { 'content-type': 'application/problem+json' } });
    } catch (error) {
      if (notSent(error) && !isUnknown) throw error;
      last = error;
    }
    isUnknown = true;
    if (round === REPEAT_MS.length) throw Object.assign(last, { isUnknown });
    await sleep(REPEAT_MS[round]);
  }
}

/** @param {string} method @param {string} path @param {unknown} [body] */
export async function ask(method, path, body) {
  const token = process.env.CGDECK_TOKEN;
  if (!token) throw new Refusal('CGDECK_TOKEN is not set: set it to the token that cgdeck was started with.');
  if (!/^[ -~]+$/.test(token)) throw new Refusal('CGDECK_TOKEN has characters that no HTTP header can carry.');
  if (!URL.canParse(base)) throw new Refusal(`CGDECK_URL is "${base}": set it to an address such as http://127.0.0.1:7420.`);
  let answer;
  try {
    answer = await requestOnce(`${base}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch (error) {
    if (error.isUnknown)
      throw new Refusal(
        `Unknown whether it was done: cgdeck does not answer at ${base} (${error.code ?? error.message}). Look before you do it again.`,
      );
    throw new Refusal(`cgdeck does not answer at ${base} (${error.code ?? error.message}): start it, or set CGDECK_URL.`);
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => undefined);
  throw new Refusal(problem?.detail ?? `${base} answered ${answer.status} ${answer.statusText}.`);
}

async function jsonOf(answer) {
  try {
    return await answer.json();
  } catch (error) {
    throw new Refusal(`${base} did not answer as cgdeck does (${error.message}): check CGDECK_URL.`);
  }
}

export const json = async (...asked) => jsonOf(await ask(...asked));
