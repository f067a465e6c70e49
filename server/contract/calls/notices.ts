// The calls about notices, which the web process answers itself: it sends the messages.
import { z } from 'zod';
import type { Call } from '../call.ts';
import { Delivery, MOST_DESTINATIONS, NoticesView, WrittenDestination } from '../notices.ts';

export const noticeCalls = {
  notices: {
    method: 'GET',
    path: '/notices',
    summary: 'Where messages about events are sent to, without secrets, and what became of the last ones',
    role: 'viewer',
    params: z.strictObject({}),
    answer: NoticesView,
  },
  setNotices: {
    method: 'PUT',
    path: '/notices',
    summary: 'Replace all destinations; secrets that are left out stay as they are',
    role: 'operator',
    params: z.strictObject({
      /** Of the answer that was changed: if there is another by now, nothing is changed (changed). */
      version: z.int(),
      destinations: z.array(WrittenDestination).max(MOST_DESTINATIONS),
    }),
    answer: NoticesView,
  },
  tryNotice: {
    method: 'POST',
    path: '/notices/try',
    summary: 'Send a message to one destination now, once',
    role: 'operator',
    params: z.strictObject({ id: z.string().max(64) }),
    answer: Delivery,
  },
} as const satisfies Record<string, Call>;
