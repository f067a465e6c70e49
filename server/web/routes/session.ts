// Logging in and out, and who is logged in.
import { z } from 'zod';
import { roles } from '../../contract/calls.ts';
import { requireRole } from '../access.ts';
import type { App, Parts } from '../server-types.ts';
import { problems } from './call-route.ts';

const Login = z.strictObject({ token: z.string().min(1).max(1024) });
const SessionAnswer = z.object({ role: z.enum(roles), name: z.string() });

export function sessionRoutes(app: App, { access, hub, terminals }: Pick<Parts, 'access' | 'hub' | 'terminals'>): void {
  app.post(
    '/login',
    { config: { role: 'anyone' }, schema: { summary: 'Log this browser in', body: Login, response: { 200: SessionAnswer, ...problems } } },
    (request, reply) => {
      const role = access.login(request.body.token, request.raw);
      request.log.info({ role }, 'logged in');
      reply.header('set-cookie', access.sessions.issue(role));
      return { role, name: `${role} (browser)` };
    },
  );

  app.post(
    '/logout',
    {
      config: { role: 'anyone' },
      schema: { summary: 'End the session of this browser', response: { 200: z.strictObject({}), ...problems } },
    },
    (request, reply) => {
      const session = access.sessions.read(request.headers.cookie);
      if (session) for (const open of [hub, terminals]) open.endSession(session.id);
      reply.header('set-cookie', access.sessions.clear());
      return {};
    },
  );

  app.get(
    '/session',
    { config: { role: 'viewer' }, schema: { summary: 'Who is logged in', response: { 200: SessionAnswer, ...problems } } },
    (request) => {
      const { role, name } = requireRole(request.actor, 'viewer');
      return { role, name };
    },
  );
}
