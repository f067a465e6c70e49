// The agent as the rest of the web process sees it.
import type { WebEnd } from '../link/web-end.ts';

export type AgentLink = Pick<WebEnd, 'call' | 'connected'>;
