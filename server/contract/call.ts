// An entry of the table of calls.
import type { z } from 'zod';

/** viewer reads; operator acts. */
export const roles = ['viewer', 'operator'] as const;
export type Role = (typeof roles)[number];

/** What a client needs to make a call. */
export interface Address {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /**
   * Below /api/v1, as RFC 6570 spells it: {name} is a segment, {+path} a group's path with its slashes. Parameters that are not in the path are
   * the body of POST and PUT, and the query of GET and DELETE.
   */
  readonly path: `/${string}`;
  /** The lowest role that may make the call. */
  readonly role: Role | 'anyone';
  /** The parameter that is the whole body: others are the query. */
  readonly body?: string;
}

export interface Call extends Address {
  readonly summary: string;
  readonly params: z.ZodType;
  readonly answer: z.ZodType;
  /** The status of success, if not 200. */
  readonly status?: 201;
}

/** The header with the id of one act (call-key.ts). */
export const CALL_KEY_HEADER = 'idempotency-key';

/** Calls that change something and are answered by the agent. */
export function takesKey({ method, role }: Address): boolean {
  return method !== 'GET' && role === 'operator';
}
