// The web process's own calls: login, logout, session, and the registry of control files.
import type { FastifyRequest } from 'fastify';
import type { Call } from '../../contract/call.ts';
import { webCalls } from '../../contract/calls.ts';
import { controlFiles } from '../../contract/control-files.ts';
import { requireRole } from '../access.ts';
import type { App, Parts } from '../server-types.ts';
import { browserName } from '../sessions.ts';
import { readerOf } from './calls.ts';

export function webRoutes(app: App, { access, hub, terminals }: Pick<Parts, 'access' | 'hub' | 'terminals'>): void {
  const route = ({ method, path, role }: Call) => ({ method, url: path, config: { role } });
  const readLogin = readerOf(webCalls.login) as (request: FastifyRequest) => { token: string };

  app.route({
    ...route(webCalls.login),
    handler: (request, reply) => {
      const role = access.login(readLogin(request).token, request.raw);
      request.log.info({ role }, 'logged in');
      const { session, cookie } = access.sessions.issue(role);
      reply.header('set-cookie', cookie);
      return { role, name: browserName(session) };
    },
  });
  app.route({
    ...route(webCalls.logout),
    handler: (request, reply) => {
      const session = access.sessions.read(request.headers.cookie);
      if (session) {
        access.sessions.end(session);
        for (const open of [hub, terminals]) open.endSession(session.id);
      }
      reply.header('set-cookie', access.sessions.clear());
      return {};
    },
  });
  app.route({
    ...route(webCalls.session),
    handler: (request) => {
      const { role, name } = requireRole(request.actor, 'viewer');
      return { role, name };
    },
  });
  app.route({ ...route(webCalls.controls), handler: () => ({ controls: [...controlFiles] }) });
}
