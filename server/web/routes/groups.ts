// /groups: all of them, one, a new one, one less.
import { z } from 'zod';
import { calls } from '../../contract/calls.ts';
import type { AgentLink } from '../agent-link.ts';
import { groupOfUrl } from '../group-url.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const RemoveQuery = z.strictObject({
  kill: z
    .enum(['true', 'false'])
    .default('false')
    .meta({ description: 'Ends its processes first; without it, a group that holds any is refused.' }),
});

export function groupRoutes(app: App, agent: AgentLink): void {
  const prefix = `${app.prefix}/groups`;

  app.get(
    '/groups',
    { config: roleOf('groups'), schema: { summary: 'All groups', response: { 200: calls.groups.answer, ...problems } } },
    (request) => agent.call('groups', {}, callerOf(request)),
  );

  app.get(
    '/groups/*',
    { config: roleOf('group'), schema: { summary: 'One group; /groups/ is the root', response: { 200: calls.group.answer, ...problems } } },
    (request) => agent.call('group', { path: groupOfUrl(request.raw.url ?? '', prefix) }, callerOf(request)),
  );

  app.post(
    '/groups',
    {
      config: roleOf('createGroup'),
      schema: { summary: 'Create a group', body: calls.createGroup.params, response: { 201: calls.createGroup.answer, ...problems } },
    },
    async (request, reply) => reply.code(201).send(await agent.call('createGroup', request.body, callerOf(request))),
  );

  app.delete(
    '/groups/*',
    {
      config: roleOf('removeGroup'),
      schema: { summary: 'Remove a group', querystring: RemoveQuery, response: { 200: calls.removeGroup.answer, ...problems } },
    },
    (request) => {
      const path = groupOfUrl(request.raw.url ?? '', prefix);
      return agent.call('removeGroup', { path, kill: request.query.kill === 'true' }, callerOf(request));
    },
  );
}
