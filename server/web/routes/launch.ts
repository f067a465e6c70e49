// Launching a program in a group and namespaces of its own, and reading what it wrote.
import { calls } from '../../contract/calls.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

export function launchRoutes(app: App, agent: AgentLink): void {
  app.post(
    '/launch',
    {
      config: roleOf('launch'),
      schema: { summary: 'Launch a program', body: calls.launch.params, response: { 201: calls.launch.answer, ...problems } },
    },
    async (request, reply) => reply.code(201).send(await agent.call('launch', request.body, callerOf(request))),
  );

  app.get(
    '/output',
    {
      config: roleOf('output'),
      schema: {
        summary: 'The end of what a launched program wrote',
        querystring: calls.output.params,
        response: { 200: calls.output.answer, ...problems },
      },
    },
    (request) => agent.call('output', request.query, callerOf(request)),
  );
}
