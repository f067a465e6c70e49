// All kept output of a program as one file, joined from the agent's parts.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { CallParams } from '../../contract/calls.ts';
import type { Caller } from '../../link/answer.ts';
import type { AgentLink } from '../agent-link.ts';

type What = CallParams<'outputPart'>;

/** All parts; each is requested once the one before was consumed. */
async function* parts(agent: AgentLink, what: What, by: Caller, first: { base64: string; next?: string | undefined }) {
  for (let part = first; ; part = await agent.call('outputPart', { ...what, at: part.next }, by)) {
    if (part.base64 !== '') yield Buffer.from(part.base64, 'base64');
    if (part.next === undefined) return;
  }
}

/** A file name from the group's name, in characters that all systems allow. */
function fileName({ group, id, stream }: What): string {
  const name = (group.split('/').at(-1) ?? 'output').replace(/[^A-Za-z0-9._-]/g, '_');
  return [name, ...(id === 'main' ? [] : [id]), ...(stream === 'all' ? [] : [stream])].join('-');
}

export async function download(agent: AgentLink, what: What, by: Caller, reply: FastifyReply): Promise<unknown> {
  // Awaited, so that a refusal becomes a problem document and not a broken download.
  const first = await agent.call('outputPart', what, by);
  reply
    .type('text/plain; charset=utf-8')
    .header('content-disposition', `attachment; filename="${fileName(what)}.log"`)
    .serializer((payload: unknown) => payload as string);
  return Readable.from(parts(agent, what, by, first));
}
