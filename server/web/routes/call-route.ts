// What a route takes over from the call that it stands for: the role it needs and the shape of its answer.
import type { FastifyRequest } from 'fastify';
import { type CallName, calls } from '../../contract/calls.ts';
import { Problem } from '../../contract/problems.ts';
import type { Caller } from '../../link/answer.ts';
import { requireRole } from '../access.ts';

const problemResponse = {
  description: 'A problem document (RFC 9457)',
  content: { 'application/problem+json': { schema: Problem } },
};

/** Every route can answer with a problem. */
export const problems = { '4xx': problemResponse, '5xx': problemResponse } as const satisfies Record<
  `${4 | 5}xx`,
  { content: Record<string, { schema: typeof Problem }> }
>;

/** The route's config: who may call it. */
export function roleOf(name: CallName): { readonly role: 'viewer' | 'operator' } {
  return { role: calls[name].role };
}

/** Whom the agent is told; the route's door has let the request in already. */
export function callerOf(request: FastifyRequest): Caller {
  const { role, name } = requireRole(request.actor, 'viewer');
  return { role, name };
}
