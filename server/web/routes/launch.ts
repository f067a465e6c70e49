// Launching a program in a group and namespaces of its own, joining it, stopping it, and how fast its network may be.
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

  app.post(
    '/join',
    {
      config: roleOf('join'),
      schema: {
        summary: 'Run a second program in a launch’s namespaces and group',
        body: calls.join.params,
        response: { 201: calls.join.answer, ...problems },
      },
    },
    async (request, reply) => reply.code(201).send(await agent.call('join', request.body, callerOf(request))),
  );

  app.post(
    '/stop',
    {
      config: roleOf('stop'),
      schema: {
        summary: 'Ask a launched program to end, and end it after the grace time',
        body: calls.stop.params,
        response: { 200: calls.stop.answer, ...problems },
      },
    },
    (request) => agent.call('stop', request.body, callerOf(request)),
  );

  app.get(
    '/launch-request',
    {
      config: roleOf('launchRequest'),
      schema: {
        summary: 'The request of a launch, to launch it again',
        querystring: calls.launchRequest.params,
        response: { 200: calls.launchRequest.answer, ...problems },
      },
    },
    (request) => agent.call('launchRequest', request.query, callerOf(request)),
  );

  app.put(
    '/rates',
    {
      config: roleOf('setRates'),
      schema: {
        summary: 'How fast a routed network may be, both ways',
        body: calls.setRates.params,
        response: { 200: calls.setRates.answer, ...problems },
      },
    },
    (request) => agent.call('setRates', request.body, callerOf(request)),
  );
}
