// /devices: what a group may do with which devices, read and set.
import { calls } from '../../contract/calls.ts';
import type { AgentLink } from '../agent-link.ts';
import { groupOfUrl } from '../group-url.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const RulesBody = calls.setDevices.params.pick({ rules: true });

export function deviceRoutes(app: App, agent: AgentLink): void {
  const prefix = `${app.prefix}/devices`;

  app.get(
    '/devices/*',
    {
      config: roleOf('devices'),
      schema: {
        summary: 'The device rules of a group, and what else decides on its devices',
        response: { 200: calls.devices.answer, ...problems },
      },
    },
    (request) => agent.call('devices', { group: groupOfUrl(request.raw.url ?? '', prefix) }, callerOf(request)),
  );

  app.put(
    '/devices/*',
    {
      config: roleOf('setDevices'),
      schema: {
        summary: 'Set the device rules of a group; null lifts them; the answer is read back',
        body: RulesBody,
        response: { 200: calls.setDevices.answer, ...problems },
      },
    },
    (request) =>
      agent.call('setDevices', { group: groupOfUrl(request.raw.url ?? '', prefix), rules: request.body.rules }, callerOf(request)),
  );
}
