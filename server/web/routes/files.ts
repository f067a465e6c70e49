// /files: one control file of one group, read and written.
import { calls } from '../../contract/calls.ts';
import type { AgentLink } from '../agent-link.ts';
import { fileOfUrl } from '../group-url.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const WriteBody = calls.writeFile.params.pick({ value: true, mayKill: true });

export function fileRoutes(app: App, agent: AgentLink): void {
  const prefix = `${app.prefix}/files`;

  app.get(
    '/files/*',
    { config: roleOf('readFile'), schema: { summary: 'Read a control file', response: { 200: calls.readFile.answer, ...problems } } },
    (request) => agent.call('readFile', fileOfUrl(request.raw.url ?? '', prefix), callerOf(request)),
  );

  app.put(
    '/files/*',
    {
      config: roleOf('writeFile'),
      schema: {
        summary: 'Write a control file; the answer is read back',
        body: WriteBody,
        response: { 200: calls.writeFile.answer, ...problems },
      },
    },
    (request) => agent.call('writeFile', { ...fileOfUrl(request.raw.url ?? '', prefix), ...request.body }, callerOf(request)),
  );
}
