// A route for each call of the table: checks the request by the call's schemas and passes it to the agent.
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { API, paramsInAddress } from '../../contract/address.ts';
import { bodyOf, inAddress, paramsInQuery, queryOf } from '../../contract/address-schemas.ts';
import type { Call } from '../../contract/call.ts';
import { CALL_KEY_HEADER, takesKey } from '../../contract/call.ts';
import { CallKey } from '../../contract/call-key.ts';
import { type CallName, calls } from '../../contract/calls.ts';
import { invalidSentence } from '../../contract/invalid.ts';
import { ProblemError } from '../../contract/problems.ts';
import type { Caller } from '../../link/answer.ts';
import { requireRole } from '../access.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';

/** Answers a call instead of the agent. */
export type OwnAnswer = (params: never, by: Caller, reply: FastifyReply) => unknown;

/** Who makes the call; the role was checked before. */
function callerOf(request: FastifyRequest): Caller {
  const { role, name } = requireRole(request.actor, 'viewer');
  return { role, name };
}

/** @throws ProblemError invalid for a key of another form, which would protect from nothing */
function keyOf(request: FastifyRequest): string | undefined {
  const given = request.headers[CALL_KEY_HEADER];
  return given === undefined ? undefined : (checked(CallKey, given, 'The Idempotency-Key') as string);
}

/** For acts of the web process, which knows none of them after its restart. @throws ProblemError invalid for any key, which would protect from nothing */
export function refuseKey(request: FastifyRequest): void {
  if (request.headers[CALL_KEY_HEADER] === undefined) return;
  throw new ProblemError(
    'invalid',
    'This call takes no Idempotency-Key: send it without one, and read /notices where its answer was lost.',
  );
}

/** A call's path in the router's syntax. */
function routeOf(path: string): string {
  return path.includes('{+') ? `${path.slice(0, path.indexOf('{'))}/*` : path.replace(/\{(\w+)\}/g, ':$1');
}

function checked(schema: z.ZodType, data: unknown, what: string): unknown {
  const result = schema.safeParse(data);
  if (!result.success) throw new ProblemError('invalid', invalidSentence(result.error, what, data));
  return result.data;
}

/**
 * @returns a function that reads the call's parameters from a request; it throws ProblemError invalid
 */
export function readerOf(call: Call): (request: FastifyRequest) => unknown {
  const [body, query] = [bodyOf(call), queryOf(call)];
  return (request) => {
    const path = (request.raw.url ?? '').split(/[?#]/, 1)[0]?.slice(API.length) ?? '';
    const address = Object.entries(paramsInAddress(call.path, path)).map(([name, value]) => [
      name,
      checked(inAddress(call, name), value, `The ${name} in the address`),
    ]);
    const given = Object.fromEntries(address);
    if (body && call.body === undefined) return Object.assign(given, checked(body, request.body, 'The body'));
    if (body && call.body !== undefined) given[call.body] = checked(body, request.body, 'The body');
    return Object.assign(given, checked(query, paramsInQuery(call, request.query as Record<string, unknown>), 'The query'));
  };
}

/** @param own calls that the web process answers itself, or whose answer it extends */
export function callRoutes(app: App, agent: AgentLink, own: Partial<Record<CallName, OwnAnswer>>): void {
  for (const [name, call] of Object.entries(calls) as [CallName, Call][]) {
    const read = readerOf(call);
    const ownAnswer = own[name];
    app.route({
      method: call.method,
      url: routeOf(call.path),
      config: { role: call.role },
      handler: async (request, reply) => {
        const params = read(request) as never;
        const by = callerOf(request);
        const key = takesKey(call) ? keyOf(request) : undefined;
        const answer = ownAnswer ? await ownAnswer(params, by, reply) : await agent.call(name, params, by, key);
        return reply.code(call.status ?? 200).send(answer);
      },
    });
  }
}
