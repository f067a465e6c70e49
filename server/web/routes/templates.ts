// Templates: saved launch requests.
import { z } from 'zod';
import { calls } from '../../contract/calls.ts';
import { KeptName, LaunchRequest } from '../../contract/launch.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const Named = z.strictObject({ name: KeptName });

export function templateRoutes(app: App, agent: AgentLink): void {
  app.get(
    '/templates',
    { config: roleOf('templates'), schema: { summary: 'Saved launch requests', response: { 200: calls.templates.answer, ...problems } } },
    (request) => agent.call('templates', {}, callerOf(request)),
  );

  app.get(
    '/templates/:name',
    {
      config: roleOf('template'),
      schema: { summary: 'One saved launch request', params: Named, response: { 200: calls.template.answer, ...problems } },
    },
    (request) => agent.call('template', request.params, callerOf(request)),
  );

  app.put(
    '/templates/:name',
    {
      config: roleOf('saveTemplate'),
      schema: {
        summary: 'Save a launch request',
        params: Named,
        body: LaunchRequest,
        response: { 200: calls.saveTemplate.answer, ...problems },
      },
    },
    (request) => agent.call('saveTemplate', { name: request.params.name, request: request.body }, callerOf(request)),
  );

  app.delete(
    '/templates/:name',
    {
      config: roleOf('removeTemplate'),
      schema: { summary: 'Remove a saved launch request', params: Named, response: { 200: calls.removeTemplate.answer, ...problems } },
    },
    (request) => agent.call('removeTemplate', request.params, callerOf(request)),
  );
}
