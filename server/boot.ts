// The first words between the supervisor and its children, over the IPC channel: secrets travel here and nowhere else.
import { z } from 'zod';
import { Settings } from './settings.ts';

export const AgentStart = z.object({
  type: z.literal('start'),
  settings: Settings,
  /** Proves the web process to the agent; random for each run of the supervisor. */
  linkKey: z.string(),
  /** Who the web process becomes: the only other user that may open the socket. */
  webUid: z.number().int(),
  /** Processes besides the agent itself whose groups are never frozen, killed or limited. */
  protectedPids: z.array(z.number().int()),
});
export type AgentStart = z.infer<typeof AgentStart>;

/** A browser session that was logged out, and when its cookie would have ended by itself (wall clock, ms). */
export const EndedSession = z.object({ id: z.string().max(64), expiresMs: z.number() });
export type EndedSession = z.infer<typeof EndedSession>;

export const WebStart = z.object({
  type: z.literal('start'),
  settings: Settings,
  linkKey: z.string(),
  uid: z.number().int(),
  gid: z.number().int(),
  /** Signs session cookies; kept in the state directory so that a restart logs nobody out. */
  sessionKey: z.string(),
  endedSessions: z.array(EndedSession),
  /** Good for one login. */
  loginToken: z.string(),
  operatorToken: z.string().optional(),
  viewerToken: z.string().optional(),
});
export type WebStart = z.infer<typeof WebStart>;

/** Later messages to a child. */
export const ToChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('web-pid'), pid: z.number().int() }),
  z.object({ type: z.literal('login-token'), token: z.string() }),
  /** To be answered with `alive`: a child that does not is ended. */
  z.object({ type: z.literal('ping') }),
]);
export type ToChild = z.infer<typeof ToChild>;

/** Messages to the supervisor. `failed` says in one sentence why the child cannot start at all: no restart would help. */
export const FromChild = z.discriminatedUnion('type', [
  /**
   * `port` comes from the web process: the one that the kernel chose where the settings ask for port 0.
   * `missing` comes from the agent: what cannot be done on this machine, a sentence each.
   */
  z.object({ type: z.literal('ready'), port: z.number().int().optional(), missing: z.array(z.string()).optional() }),
  z.object({ type: z.literal('failed'), sentence: z.string() }),
  z.object({ type: z.literal('alive') }),
  z.object({ type: z.literal('login-used') }),
  z.object({ type: z.literal('session-ended'), session: EndedSession }),
]);
export type FromChild = z.infer<typeof FromChild>;
