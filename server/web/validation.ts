// Requests against the contract's schemas: a refusal is a problem whose sentence names the field.
import type { FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { invalidSentence } from '../contract/invalid.ts';
import { ProblemError } from '../contract/problems.ts';

const WHAT: Record<string, string> = { body: 'The body', querystring: 'The query', params: 'The address', headers: 'The headers' };

/** `?since=` would be coerced to 0, which nobody meant. */
function emptyField(query: unknown): string | undefined {
  return Object.entries(query ?? {}).find(([, value]) => value === '')?.[0];
}

function refused(sentence: string): { error: Error } {
  return { error: new ProblemError('invalid', sentence) };
}

export const validatorCompiler: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (data: unknown) => {
    const empty = httpPart === 'querystring' ? emptyField(data) : undefined;
    if (empty !== undefined) return refused(`${empty} is empty: give it a value or leave it away.`);
    const result = schema.safeParse(data);
    if (result.success) return { value: result.data };
    return refused(invalidSentence(result.error, WHAT[httpPart ?? ''] ?? 'The request', data));
  };
