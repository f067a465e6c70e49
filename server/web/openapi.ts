// The API's description, made from the routes' schemas when somebody first asks for it.
import fastifySwagger from '@fastify/swagger';
import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { App } from './server-types.ts';

const toJsonSchema = createJsonSchemaTransform({ zodToJsonConfig: { unrepresentable: 'any' } });
const WildcardParams = z.object({ path: z.string().meta({ description: 'Percent-encoded segments, such as cgdeck/web' }) });

/** Has to be called, and awaited, before the routes that it describes. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'cgdeck',
        description: 'A live control room for Linux control groups.',
        version,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      components: {
        securitySchemes: {
          token: { type: 'http', scheme: 'bearer', description: 'CGDECK_TOKEN (operator) or CGDECK_VIEWER_TOKEN (viewer)' },
          session: { type: 'apiKey', in: 'cookie', name: 'cgdeck-<port>' },
        },
      },
      security: [{ token: [] }, { session: [] }],
    },
    transform: (route) => {
      if (!route.url.endsWith('/*')) return toJsonSchema(route);
      return toJsonSchema({ ...route, url: `${route.url.slice(0, -1)}{path}`, schema: { ...route.schema, params: WildcardParams } });
    },
  });
}

export function openApiRoute(app: App): void {
  let text: string | undefined;
  app.get('/openapi.json', { config: { role: 'anyone' }, schema: { hide: true } }, (_request, reply) => {
    text ??= JSON.stringify(app.swagger());
    return reply.type('application/json; charset=utf-8').send(text);
  });
}
