// The API's description (OpenAPI 3.1), made from the table of calls when it is first asked for.
import { z } from 'zod';
import { API, namesIn } from '../contract/address.ts';
import { bodyOf, inAddress, queryOf } from '../contract/address-schemas.ts';
import type { Call } from '../contract/call.ts';
import { CALL_KEY_HEADER, takesKey } from '../contract/call.ts';
import { CallKey } from '../contract/call-key.ts';
import { calls, webCalls } from '../contract/calls.ts';
import { ProblemSchema } from '../contract/problem-schema.ts';
import type { App } from './server-types.ts';

const jsonSchema = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const KEY = {
  name: CALL_KEY_HEADER,
  in: 'header',
  required: false,
  schema: jsonSchema(CallKey, 'input'),
  description:
    'Made at random for each act: repeated with it after a lost answer, the act is done once and answers the same. The last 1,000 are known.',
};

/** A union of objects becomes one list of optional parameters. */
function parametersOf(schema: z.ZodType): { name: string; schema: unknown; required: boolean }[] {
  const { properties = {}, required = [], anyOf } = jsonSchema(schema, 'input');
  const whole = anyOf ? Object.assign({}, ...anyOf.map((each) => (typeof each === 'object' ? each.properties : {}))) : properties;
  return Object.entries(whole).map(([name, each]) => ({ name, schema: each, required: required.includes(name) }));
}

function operation(name: string, call: Call): object {
  const body = bodyOf(call);
  const address = namesIn(call.path).map((param) => ({
    name: param,
    in: 'path',
    required: true,
    schema: jsonSchema(inAddress(call, param), 'input'),
    ...(call.path.includes(`{+${param}}`) ? { description: 'Percent-encoded segments, such as cgdeck/web' } : {}),
  }));
  const query = parametersOf(queryOf(call)).map((each) => ({ ...each, in: 'query' }));
  const key = Object.hasOwn(calls, name) && takesKey(call) ? [KEY] : [];
  const parameters = [...address, ...query, ...key];
  const isFile = name === 'outputPart';
  return {
    operationId: name,
    summary: call.summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(body, 'input') } } } } : {}),
    responses: {
      [call.status ?? 200]: {
        description: call.summary,
        content: isFile ? { 'text/plain': {} } : { 'application/json': { schema: jsonSchema(call.answer, 'output') } },
      },
      default: {
        description: 'A problem document (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
    ...(call.role === 'anyone' ? { security: [] } : {}),
  };
}

/** @returns the document as JSON */
function describeApi(version: string): string {
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, call] of Object.entries<Call>({ ...calls, ...webCalls })) {
    const path = `${API}${call.path.replace(/\{\+/g, '/{')}`;
    paths[path] = { ...paths[path], [call.method.toLowerCase()]: operation(name, call) };
  }
  return JSON.stringify({
    openapi: '3.1.0',
    info: {
      title: 'cgdeck',
      description: 'A live control room for Linux control groups.',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      schemas: { Problem: jsonSchema(ProblemSchema, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'CGDECK_TOKEN (operator) or CGDECK_VIEWER_TOKEN (viewer)' },
        session: { type: 'apiKey', in: 'cookie', name: 'cgdeck-<port>' },
      },
    },
    security: [{ token: [] }, { session: [] }],
    paths,
  });
}

export function openApiRoute(app: App, version: string): void {
  let text: string | undefined;
  app.get('/openapi.json', { config: { role: 'anyone' } }, (_request, reply) => {
    text ??= describeApi(version);
    return reply
      .type('application/json; charset=utf-8')
      .serializer((payload: unknown) => payload as string)
      .send(text);
  });
}
