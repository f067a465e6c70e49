// The calls about reports of OOM kills and of caught groups.
import { z } from 'zod';
import { addresses } from '../addresses.ts';
import type { Call } from '../call.ts';
import { GroupPath } from '../path-schemas.ts';
import { Report, ReportSummary } from '../reports.ts';

export const reportCalls = {
  reports: {
    ...addresses.reports,
    summary: 'Reports of OOM kills and of caught groups, the newest first',
    params: z.strictObject({
      /** This group and those below it. */
      group: GroupPath.optional(),
      /** Reports of later events. */
      since: z.int().min(0).default(0),
      /** Reports of earlier events: the next page of a list. */
      before: z.int().min(1).optional(),
      limit: z.int().min(1).max(1000).default(100),
    }),
    answer: z.object({ reports: z.array(ReportSummary), more: z.boolean() }),
  },
  report: {
    ...addresses.report,
    summary: 'One report, by the id of an event that it is about; with its text for a ticket',
    params: z.strictObject({ id: z.coerce.number().int().positive() }),
    answer: z.object({ report: Report, text: z.string() }),
  },
} as const satisfies Record<string, Call>;
