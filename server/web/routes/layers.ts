// Layers: what launches wrote to their roots, to be looked at, kept and thrown away.
import { z } from 'zod';
import { calls } from '../../contract/calls.ts';
import { KeptName } from '../../contract/launch.ts';
import { GroupPath } from '../../contract/paths.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const LayerQuery = z
  .strictObject({ group: GroupPath.optional(), name: KeptName.optional() })
  .refine(({ group, name }) => (group === undefined) !== (name === undefined), 'names either a launch’s group or a kept layer');
const Named = z.strictObject({ name: KeptName });

export function layerRoutes(app: App, agent: AgentLink): void {
  app.get(
    '/layer',
    {
      config: roleOf('layer'),
      schema: {
        summary: 'What a launch wrote to its layer, or a kept one holds',
        querystring: LayerQuery,
        response: { 200: calls.layer.answer, ...problems },
      },
    },
    (request) => {
      const { group, name } = request.query;
      return agent.call('layer', name === undefined ? { group: group ?? '/' } : { name }, callerOf(request));
    },
  );

  app.get(
    '/layers',
    { config: roleOf('layers'), schema: { summary: 'Kept layers', response: { 200: calls.layers.answer, ...problems } } },
    (request) => agent.call('layers', {}, callerOf(request)),
  );

  app.post(
    '/layers',
    {
      config: roleOf('keepLayer'),
      schema: { summary: 'Keep what a launch wrote', body: calls.keepLayer.params, response: { 201: calls.keepLayer.answer, ...problems } },
    },
    async (request, reply) => reply.code(201).send(await agent.call('keepLayer', request.body, callerOf(request))),
  );

  app.delete(
    '/layers/:name',
    {
      config: roleOf('dropLayer'),
      schema: { summary: 'Throw a kept layer away', params: Named, response: { 200: calls.dropLayer.answer, ...problems } },
    },
    (request) => agent.call('dropLayer', request.params, callerOf(request)),
  );
}
