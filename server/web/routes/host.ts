// The machine, and the registry of control files.
import { z } from 'zod';
import { Host } from '../../contract/calls.ts';
import { type ControlFile, controlFiles } from '../../contract/control-files.ts';
import type { AgentLink } from '../agent-link.ts';
import { Disks, type HostFacts, Os } from '../host-facts.ts';
import type { App } from '../server-types.ts';
import { callerOf, problems, roleOf } from './call-route.ts';

const HostAnswer = Host.extend({ disks: Disks.optional(), os: Os.optional() });
const Controls = z.object({ controls: z.array(z.custom<ControlFile>()) });

export function hostRoutes(app: App, agent: AgentLink, facts: HostFacts): void {
  app.get(
    '/host',
    { config: roleOf('host'), schema: { summary: 'The machine', response: { 200: HostAnswer, ...problems } } },
    async (request) => {
      const [host, more] = await Promise.all([agent.call('host', {}, callerOf(request)), facts.read()]);
      return { ...host, ...more };
    },
  );

  app.get(
    '/controls',
    {
      config: { role: 'viewer' },
      schema: { summary: 'Every control file that is known, and what it does', response: { 200: Controls, ...problems } },
    },
    () => ({ controls: [...controlFiles] }),
  );
}
