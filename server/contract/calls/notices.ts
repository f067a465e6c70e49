// The calls about notices, which the web process answers itself: it sends the messages.
import { z } from 'zod';
import { webAddresses } from '../addresses.ts';
import type { Call } from '../call.ts';
import { Delivery, MOST_DESTINATIONS, NoticesView, WrittenDestination } from '../notices.ts';

export const noticeCalls = {
  notices: {
    ...webAddresses.notices,
    summary: 'Where messages about events are sent to, without secrets, and what became of the last ones',
    params: z.strictObject({}),
    answer: NoticesView,
  },
  setNotices: {
    ...webAddresses.setNotices,
    summary: 'Replace all destinations; secrets that are left out stay as they are',
    params: z.strictObject({
      /** Of the answer that was changed: if there is another by now, nothing is changed (changed). */
      version: z.int(),
      destinations: z.array(WrittenDestination).max(MOST_DESTINATIONS),
    }),
    answer: NoticesView,
  },
  tryNotice: {
    ...webAddresses.tryNotice,
    summary: 'Send a message to one destination now, once',
    params: z.strictObject({ id: z.string().max(64) }),
    answer: Delivery,
  },
} as const satisfies Record<string, Call>;
