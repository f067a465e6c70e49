// The routes of notices: their destinations, the last deliveries, and a try.
import type { FastifyRequest } from 'fastify';
import { webCalls } from '../../contract/calls.ts';
import type { WrittenDestination } from '../../contract/notices.ts';
import type { Notices } from '../notices/notices.ts';
import type { App } from '../server-types.ts';
import { readerOf, refuseKey } from './calls.ts';

export function noticeRoutes(app: App, notices: Notices): void {
  const { notices: view, setNotices, tryNotice } = webCalls;
  const readSet = readerOf(setNotices) as (request: FastifyRequest) => { version: number; destinations: WrittenDestination[] };
  const readTry = readerOf(tryNotice) as (request: FastifyRequest) => { id: string };

  app.route({ method: view.method, url: view.path, config: { role: view.role }, handler: () => notices.view });
  app.route({
    method: setNotices.method,
    url: setNotices.path,
    config: { role: setNotices.role },
    handler: (request) => {
      refuseKey(request);
      const { version, destinations } = readSet(request);
      return notices.replace(version, destinations);
    },
  });
  app.route({
    method: tryNotice.method,
    url: tryNotice.path,
    config: { role: tryNotice.role },
    handler: (request) => {
      refuseKey(request);
      return notices.try(readTry(request).id);
    },
  });
}
