// All that is kept of a program's output, as one file out of the parts that the agent hands over.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { CallParams } from '../../contract/calls.ts';
import type { Caller } from '../../link/answer.ts';
import type { AgentLink } from '../agent-link.ts';

type What = CallParams<'outputPart'>;

/** The parts one after the other: the next is asked for once the one before was taken. */
async function* parts(agent: AgentLink, what: What, by: Caller, first: { base64: string; next?: string | undefined }) {
  for (let part = first; ; part = await agent.call('outputPart', { ...what, at: part.next }, by)) {
    if (part.base64 !== '') yield Buffer.from(part.base64, 'base64');
    if (part.next === undefined) return;
  }
}

/** A file's name out of a group's path, of characters that any system takes. */
function fileName({ group, id, stream }: What): string {
  const name = (group.split('/').at(-1) ?? 'output').replace(/[^A-Za-z0-9._-]/g, '_');
  return [name, ...(id === 'main' ? [] : [id]), ...(stream === 'all' ? [] : [stream])].join('-');
}

export async function download(agent: AgentLink, what: What, by: Caller, reply: FastifyReply): Promise<unknown> {
  // The first part is awaited: what is refused must be a problem document, not a broken download.
  const first = await agent.call('outputPart', what, by);
  reply
    .type('text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName(what)}.log"`)
    .serializer((payload: unknown) => payload as string);
  return Readable.from(parts(agent, what, by, first));
}
