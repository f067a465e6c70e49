// What is done to groups and processes: freeze, thaw, kill, attach; and which processes and namespaces there are.
import { calls } from '../../contract/calls.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

export function controlRoutes(app: App, agent: AgentLink): void {
  app.post(
    '/freeze',
    {
      config: roleOf('freeze'),
      schema: { summary: 'Freeze a group', body: calls.freeze.params, response: { 200: calls.freeze.answer, ...problems } },
    },
    (request) => agent.call('freeze', request.body, callerOf(request)),
  );

  app.post(
    '/thaw',
    {
      config: roleOf('thaw'),
      schema: { summary: 'Thaw a group', body: calls.thaw.params, response: { 200: calls.thaw.answer, ...problems } },
    },
    (request) => agent.call('thaw', request.body, callerOf(request)),
  );

  app.post(
    '/kill',
    {
      config: roleOf('kill'),
      schema: {
        summary: 'End a group’s processes, or signal one',
        body: calls.kill.params,
        response: { 200: calls.kill.answer, ...problems },
      },
    },
    (request) => agent.call('kill', request.body, callerOf(request)),
  );

  app.post(
    '/attach',
    {
      config: roleOf('attach'),
      schema: { summary: 'Move a process into a group', body: calls.attach.params, response: { 200: calls.attach.answer, ...problems } },
    },
    (request) => agent.call('attach', request.body, callerOf(request)),
  );

  app.post(
    '/reclaim',
    {
      config: roleOf('reclaim'),
      schema: {
        summary: 'Give memory of a group back (v2)',
        body: calls.reclaim.params,
        response: { 200: calls.reclaim.answer, ...problems },
      },
    },
    (request) => agent.call('reclaim', request.body, callerOf(request)),
  );

  app.get(
    '/processes',
    {
      config: roleOf('processes'),
      schema: {
        summary: 'A group’s processes',
        querystring: calls.processes.params,
        response: { 200: calls.processes.answer, ...problems },
      },
    },
    (request) => agent.call('processes', request.query, callerOf(request)),
  );

  app.get(
    '/namespaces',
    {
      config: roleOf('namespaces'),
      schema: {
        summary: 'The namespaces of a group’s processes, and who shares them',
        querystring: calls.namespaces.params,
        response: { 200: calls.namespaces.answer, ...problems },
      },
    },
    (request) => agent.call('namespaces', request.query, callerOf(request)),
  );
}
