// The HTTP server: access checks, routes, pages, and problem documents for refusals.
import type { ServerOptions as TlsOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { FastifyBaseLogger, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { fastify, LogController } from 'fastify';
import { API } from '../contract/address.ts';
import { ProblemError } from '../contract/problems.ts';
import { type Actor, requireRole } from './access.ts';
import { allowedMethods, rememberRoutes } from './allowed-methods.ts';
import { openApiRoute } from './openapi.ts';
import { BODY_LIMIT_BYTES, PROBLEM_TYPE, rawResponse, refusalOf, wrongMethod } from './problems.ts';
import { callRoutes } from './routes/calls.ts';
import { healthRoutes } from './routes/health.ts';
import { noticeRoutes } from './routes/notices.ts';
import { download } from './routes/output.ts';
import { webRoutes } from './routes/session.ts';
import { setSecurityHeaders } from './security-headers.ts';
import type { App, Parts } from './server-types.ts';
import { streamRoute } from './stream/endpoint.ts';

/** As Node's own limit on a request's headers. */
const LONGEST_PARAM = 16 * 1024;
/** A client that sends one byte a second must not keep a socket open for ever. */
const REQUEST_TIMEOUT_MS = 30_000;
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

export interface AppOptions extends Parts {
  readonly log: FastifyBaseLogger;
  readonly tls?: Pick<TlsOptions, 'cert' | 'key'> | undefined;
}

export async function buildApp(options: AppOptions): Promise<App> {
  const { access, agent, hub, terminals, pages, hostFacts, notices, log, tls } = options;
  const app = newServer(log, tls);
  const routes = rememberRoutes(app);
  // The contract gives answers their types; checking them again would take milliseconds for a thousand groups.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('actor', undefined);
  app.setErrorHandler((error, request, reply) => answerProblem(error, request, reply));
  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply);
    access.guard.check(request.headers);
  });
  app.addHook('onResponse', async (request, reply) => {
    if (reply.statusCode >= 400) logFailure(request, reply);
  });

  healthRoutes(app, options);
  await app.register(
    async (scope) => {
      const api: App = scope;
      api.addHook('onRequest', async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const wanted = request.routeOptions.config.role ?? 'operator';
        if (wanted !== 'anyone') request.actor = admit(request, requireRole(access.identify(request.raw), wanted));
      });
      callRoutes(api, agent, {
        host: async (params, by) => {
          const [host, more] = await Promise.all([agent.call('host', params, by), hostFacts.read()]);
          return { ...host, ...more };
        },
        outputPart: (params, by, reply) => download(agent, params, by, reply),
      });
      webRoutes(api, { access, hub, terminals });
      noticeRoutes(api, notices);
      streamRoute(api, hub);
      openApiRoute(api, options.version);
    },
    { prefix: API },
  );

  /** Browsers send the cookie with requests of any page; only our own page may act with it. */
  function admit(request: FastifyRequest, actor: Actor): Actor {
    if (actor.session === undefined || SAFE_METHODS.has(request.method) || access.guard.isFromOwnPage(request.headers)) return actor;
    throw new ProblemError(
      'forbidden',
      'With a session cookie, only cgdeck’s own page may act: scripts send "Authorization: Bearer <token>".',
    );
  }

  app.setNotFoundHandler(async (request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '/';
    const allowed = allowedMethods(routes, path);
    if (allowed.length > 0) return answerProblem(wrongMethod(request.method, path, allowed), request, reply);
    if (path === '/api' || path.startsWith('/api/')) {
      return answerProblem(
        new ProblemError('not_found', `There is no ${path} here: ${API}/openapi.json lists what there is.`),
        request,
        reply,
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return answerProblem(wrongMethod(request.method, path, ['GET', 'HEAD']), request, reply);
    return pages.answer(path, request, reply);
  });
  return app;
}

function newServer(log: FastifyBaseLogger, tls: AppOptions['tls']): App {
  const server = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: LONGEST_PARAM },
    frameworkErrors: (error: FastifyError, _request: unknown, reply: unknown) => {
      // The reply is a full one here, unlike the request.
      const answer = reply as FastifyReply;
      setSecurityHeaders(answer);
      const { problem } = refusalOf(error);
      void answer.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem));
    },
    clientErrorHandler: (error: Error, socket: Socket) => {
      if (socket.writable) socket.end(rawResponse(refusalOf(error)));
      else socket.destroy();
    },
  };
  // An HTTPS server differs only in its type.
  const app = tls ? fastify({ ...server, https: tls }) : fastify(server);
  return app as unknown as App;
}

function answerProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { problem, headers, isBug } = refusalOf(error);
  if (isBug) request.log.error({ err: error }, 'an internal error');
  if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
  return reply.code(problem.status).headers(headers).type(PROBLEM_TYPE).serializer(JSON.stringify).send(problem);
}

/** Without the query, which may contain a token. */
function logFailure(request: FastifyRequest, reply: FastifyReply): void {
  const line = { method: request.method, path: request.url.split('?', 1)[0], status: reply.statusCode, by: request.actor?.name };
  request.log.info(line, 'request failed');
}
