// Maps the calls about reports.
import { isWithin } from '../../contract/paths.ts';
import { ProblemError } from '../../contract/problems.ts';
import { reportText } from '../../contract/report-text.ts';
import type { CallParts, Handlers } from './call-parts.ts';

export function reportCalls({ reports, reportWriter }: CallParts) {
  return {
    reports: ({ group, since, before, limit }) =>
      reports.list(
        (summary) => group === undefined || isWithin(summary.group, group) || summary.limitGroup === group,
        since,
        before ?? Number.POSITIVE_INFINITY,
        limit,
      ),
    report: async ({ id }) => {
      const report = await reportWriter.get(id);
      if (!report) {
        const detail = `There is no report about event ${id}: only OOM kills and catches have one, and the last 1,000 are kept.`;
        throw new ProblemError('not_found', detail);
      }
      return { report, text: reportText(report) };
    },
  } satisfies Partial<Handlers>;
}
