// What the parts of the web process are handed: the app's type, the agent as they see it, and the facts of this run.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Role } from '../contract/call.ts';
import type { Access, Actor } from './access.ts';
import type { AgentLink } from './agent-link.ts';
import type { HostFacts } from './host-facts.ts';
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
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the API's door; undefined outside it and where anybody may come in. */
    actor: Actor | undefined;
  }
  interface FastifyContextConfig {
    /** Who may call the route; the operator where nothing is said. */
    role?: Role | 'anyone';
  }
}
