// The table of calls: path, role, parameters, answer and summary of each. Routes, OpenAPI, the browser's client, the command line and the
// link between agent and web process derive from it.
import { z } from 'zod';
import { webAddresses } from './addresses.ts';
import { type Call, roles } from './call.ts';
import { groupCalls } from './calls/groups.ts';
import { guardCalls } from './calls/guards.ts';
import { launchCalls } from './calls/launches.ts';
import { noticeCalls } from './calls/notices.ts';
import { pastCalls } from './calls/past.ts';
import { reportCalls } from './calls/reports.ts';
import type { ControlFile } from './control-file.ts';

/** Calls that the agent answers. */
export const calls = { ...groupCalls, ...launchCalls, ...guardCalls, ...pastCalls, ...reportCalls } as const satisfies Record<string, Call>;

const Nothing = z.strictObject({});
const Session = z.object({ role: z.enum(roles), name: z.string() });

/** Calls that the web process answers itself. */
export const webCalls = {
  session: { ...webAddresses.session, summary: 'Who is logged in', params: Nothing, answer: Session },
  login: {
    ...webAddresses.login,
    summary: 'Log this browser in',
    params: z.strictObject({ token: z.string().min(1).max(1024) }),
    answer: Session,
  },
  logout: { ...webAddresses.logout, summary: 'End the session of this browser', params: Nothing, answer: Nothing },
  controls: {
    ...webAddresses.controls,
    summary: 'All known control files and what each does',
    params: Nothing,
    answer: z.object({ controls: z.array(z.custom<ControlFile>()) }),
  },
  ...noticeCalls,
} as const satisfies Record<string, Call>;

export type CallName = keyof typeof calls;
export type CallParams<N extends CallName> = z.output<(typeof calls)[N]['params']>;
export type CallInput<N extends CallName> = z.input<(typeof calls)[N]['params']>;
export type CallAnswer<N extends CallName> = z.output<(typeof calls)[N]['answer']>;
