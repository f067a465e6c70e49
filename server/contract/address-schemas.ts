// The parameters of a call in its address and body, with the types and schemas of the table of calls.
import { z } from 'zod';
import { hasBody, namesIn } from './address.ts';
import type { Call } from './call.ts';
import { parseJson } from './parse-json.ts';
import { ProblemError } from './problems.ts';

type Params = Readonly<Record<string, unknown>>;

/** Every value of a query is text: converts it to the type that the schema wants; an object is JSON. */
function fromText(schema: z.core.$ZodType, value: unknown): unknown {
  const { type } = schema._zod.def;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return fromText(schema.def.innerType, value);
  if (type === 'array') return [value].flat();
  if (typeof value !== 'string') return value;
  if (type === 'object') return parseJson(value) ?? value;
  // Anything else stays as it is: the schema's refusal quotes it.
  if (type === 'number') return Number.isNaN(Number(value)) || value.trim() === '' ? value : Number(value);
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

/** @returns the query's values with the types of the call's parameters: numbers, booleans, lists */
export function paramsInQuery(call: Call, query: Params): Params {
  const empty = Object.entries(query).find(([, value]) => value === '');
  // `?since=` would become 0.
  if (empty) throw new ProblemError('invalid', `${empty[0]} is empty: give it a value or leave it out.`);
  const { params } = call;
  if (!(params instanceof z.ZodObject)) return query;
  return Object.fromEntries(
    Object.entries(query).map(([name, value]) => [
      name,
      Object.hasOwn(params.shape, name) ? fromText(params.shape[name] as z.ZodType, value) : value,
    ]),
  );
}

const NOTHING = z.strictObject({});

function without(params: z.ZodType, names: readonly string[]): z.ZodType {
  if (!(params instanceof z.ZodObject) || names.length === 0) return params;
  return params.omit(Object.fromEntries(names.map((name) => [name, true])) as Record<string, true> & Record<number, never>);
}

/** The schema of the body; undefined for a call without one. */
export function bodyOf(call: Call): z.ZodType | undefined {
  const { params, path, body } = call;
  if (!hasBody(call)) return undefined;
  return body !== undefined && params instanceof z.ZodObject ? (params.shape[body] as z.ZodType) : without(params, namesIn(path));
}

/** The schema of the query: of all parameters that are neither in the path nor in the body. */
export function queryOf(call: Call): z.ZodType {
  const { params, path, body } = call;
  if (hasBody(call) && body === undefined) return NOTHING;
  return without(params, body === undefined ? namesIn(path) : [...namesIn(path), body]);
}

/** The schema of one parameter in the path. */
export function inAddress({ params }: Call, name: string): z.ZodType {
  if (!(params instanceof z.ZodObject)) throw new TypeError(`${name} is in an address, so its call's parameters are an object.`);
  return params.shape[name] as z.ZodType;
}
