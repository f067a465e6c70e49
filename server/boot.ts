// Messages between the supervisor and its children on the IPC channel, the only way that secrets take.
import { z } from 'zod';
import { Settings } from './settings.ts';

export const AgentStart = z.object({
  type: z.literal('start'),
  settings: Settings,
  /** Proves the web process to the agent; random for each run of the supervisor. */
  linkKey: z.string(),
  /** The user of the web process: the only one besides root that may open the socket. */
  webUid: z.number().int(),
  /** Processes besides the agent itself whose groups are never frozen, killed or limited. */
  protectedPids: z.array(z.number().int()),
});
export type AgentStart = z.infer<typeof AgentStart>;

/** A browser session that was logged out, and when its cookie expires (wall clock, ms). */
export const EndedSession = z.object({ id: z.string().max(64), expiresMs: z.number() });
export type EndedSession = z.infer<typeof EndedSession>;

export const WebStart = z.object({
  type: z.literal('start'),
  settings: Settings,
  linkKey: z.string(),
  uid: z.number().int(),
  gid: z.number().int(),
  /** Signs session cookies; kept in the state directory, so that a restart ends no session. */
  sessionKey: z.string(),
  endedSessions: z.array(EndedSession),
  /** Valid for one login. */
  loginToken: z.string(),
  operatorToken: z.string().optional(),
  viewerToken: z.string().optional(),
  /** Destinations of notices, with their secrets, as the web process had them stored; absent: none yet. */
  notices: z.string().optional(),
  /** The last event that notices reported, as the web process had it stored. */
  noticesSeen: z.number().optional(),
});
export type WebStart = z.infer<typeof WebStart>;

/** Later messages to a child. */
export const ToChild = z.discriminatedUnion('type', [
  z.object({ type: z.literal('web-pid'), pid: z.number().int() }),
  z.object({ type: z.literal('login-token'), token: z.string() }),
  /** `fault`: why they could not be stored, in a sentence. */
  z.object({ type: z.literal('notices-stored'), fault: z.string().optional() }),
  /** The child answers `alive`, or it is killed. */
  z.object({ type: z.literal('ping') }),
]);
export type ToChild = z.infer<typeof ToChild>;

/** Messages to the supervisor. `failed`: why the child cannot start, in one sentence; a restart would not help. */
export const FromChild = z.discriminatedUnion('type', [
  /**
   * `port`, of the web process: the port that is bound, which the kernel chose if the settings have port 0.
   * `missing`, of the agent: what this machine cannot do, a sentence each.
   */
  z.object({ type: z.literal('ready'), port: z.number().int().optional(), missing: z.array(z.string()).optional() }),
  z.object({ type: z.literal('failed'), sentence: z.string() }),
  z.object({ type: z.literal('alive') }),
  z.object({ type: z.literal('login-used') }),
  z.object({ type: z.literal('session-ended'), session: EndedSession }),
  z.object({ type: z.literal('notices-seen'), id: z.number() }),
  z.object({ type: z.literal('store-notices'), text: z.string().max(1024 * 1024) }),
]);
export type FromChild = z.infer<typeof FromChild>;
