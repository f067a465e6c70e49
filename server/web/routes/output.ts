// What a launched program wrote: its end as JSON, or all that is kept as a file.
import { Readable } from 'node:stream';
import { calls } from '../../contract/calls.ts';
import type { Caller } from '../../link/answer.ts';
import type { AgentLink } from '../agent-link.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const DownloadQuery = calls.outputPart.params.omit({ at: true });

/** The parts one after the other: the next is asked for once the one before was taken. */
async function* parts(
  agent: AgentLink,
  what: ReturnType<typeof DownloadQuery.parse>,
  by: Caller,
  first: { base64: string; next?: string | undefined },
) {
  for (let part = first; ; part = await agent.call('outputPart', { ...what, at: part.next }, by)) {
    if (part.base64 !== '') yield Buffer.from(part.base64, 'base64');
    if (part.next === undefined) return;
  }
}

/** A file's name out of a group's path, of characters that any system takes. */
function fileName(group: string, id: string, stream: string): string {
  const name = (group.split('/').at(-1) ?? 'output').replace(/[^A-Za-z0-9._-]/g, '_');
  return [name, ...(id === 'main' ? [] : [id]), ...(stream === 'all' ? [] : [stream])].join('-');
}

export function outputRoutes(app: App, agent: AgentLink): void {
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

  app.get(
    '/output/download',
    {
      config: roleOf('outputPart'),
      schema: { summary: 'All that is kept of a launched program’s output, as a file', querystring: DownloadQuery, response: problems },
    },
    async (request, reply) => {
      const what = request.query;
      const by = callerOf(request);
      // The first part is awaited: what is refused must be a problem document, not a broken download.
      const first = await agent.call('outputPart', what, by);
      return reply
        .type('text/plain; charset=utf-8')
        .header('content-disposition', `attachment; filename="${fileName(what.group, what.id, what.stream)}.log"`)
        .serializer((payload: unknown) => payload as string)
        .send(Readable.from(parts(agent, what, by, first)) as never);
    },
  );
}
