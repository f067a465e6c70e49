// Types shared by the parts of the web process.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Role } from '../contract/call.ts';
import type { Access, Actor } from './access.ts';
import type { AgentLink } from './agent-link.ts';
import type { HostFacts } from './host-facts.ts';
import type { Notices } from './notices/notices.ts';
import type { Pages } from './static/pages.ts';
import type { StreamHub } from './stream/hub.ts';
import type { Terminals } from './terminal/terminals.ts';

export type App = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, FastifyBaseLogger>;

export interface Parts {
  readonly version: string;
  readonly agent: AgentLink;
  readonly access: Access;
  readonly hub: StreamHub;
  readonly terminals: Terminals;
  readonly pages: Pages;
  readonly hostFacts: HostFacts;
  readonly notices: Notices;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the API's access check; undefined for routes that need no login. */
    actor: Actor | undefined;
  }
  interface FastifyContextConfig {
    /** Who may call the route; by default the operator. */
    role?: Role | 'anyone';
  }
}
