// /healthz for service managers, /metrics for Prometheus.
import { ProblemError } from '../../contract/problems.ts';
import { requireRole } from '../access.ts';
import { metricsText } from '../metrics.ts';
import type { App, Parts } from '../server-types.ts';

export function healthRoutes(app: App, { agent, access, hub }: Pick<Parts, 'agent' | 'access' | 'hub'>): void {
  app.get('/healthz', (_request, reply) => {
    if (!agent.connected) throw new ProblemError('agent_unavailable', 'The agent is not connected: readings are stale.');
    if (hub.isLate) {
      const seconds = Math.round((hub.frameAgeMs ?? 0) / 1000);
      throw new ProblemError('agent_unavailable', `The agent has sent no readings for ${seconds} s: readings are stale.`);
    }
    return reply.header('cache-control', 'no-store').send({ ok: true });
  });

  app.get('/metrics', (request, reply) => {
    requireRole(access.identify(request.raw), 'viewer');
    return reply.header('cache-control', 'no-store').type('text/plain; version=0.0.4; charset=utf-8').send(metricsText(hub));
  });
}
