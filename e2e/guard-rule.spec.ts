// A guard's steps decide while no page is open: the group is held, its limit raised, it ends with code 0, a webhook is notified, and the report has it.
import type { NoticesView } from '../server/contract/notices.ts';
import type { ReportSummary } from '../server/contract/reports.ts';
import { launchedReceiver } from './launched-receiver.ts';
import { expect, test } from './test.ts';

test('held, raised by its guard, reported to a webhook, and ended with code 0', async ({ server, kernel, run, logged }) => {
  const receiver = await launchedReceiver(server, run);
  try {
    const { version } = (await server.do('GET', '/notices')) as NoticesView;
    const when = { kinds: ['hold', 'decision'], groups: [`${server.root}/**`] };
    const destinations = [{ id: 'rule', name: 'rule', when, to: { type: 'webhook', format: 'json', url: receiver.url } }];
    await server.do('PUT', '/notices', { version, destinations });
    const steps = [{ do: 'raise', percent: 100, upTo: '256M' }];
    await server.do('PUT', '/guards', { pattern: `${server.root}/*`, plan: { line: '90%', deadlineSeconds: 0, steps } });
    const { group } = await run({ name: 'rule', argv: ['cgdeck-load', 'leak', '48', '96'], limits: { 'memory-hard-limit': '64M' } });

    await expect.poll(() => logged('exit', group)).toMatchObject([{ code: 0 }]);
    expect(await logged('decision', group)).toMatchObject([{ by: 'guard', do: 'raise', outcome: 'continues' }]);
    expect(await kernel.measure(group, 'oom-kills')).toBe(0);

    // In one message, as all that happens at once.
    await expect.poll(receiver.events).toContainEqual(expect.objectContaining({ kind: 'decision', group, by: 'guard' }));
    expect(await receiver.events()).toContainEqual(expect.objectContaining({ kind: 'hold', group, reason: 'line' }));

    const { reports } = (await server.do('GET', `/reports?group=${encodeURIComponent(group)}`)) as { reports: ReportSummary[] };
    expect(reports).toMatchObject([{ kind: 'catch', sentence: expect.stringContaining(', before it reached its limit of 64 MiB') }]);
    expect(reports[0]?.sentence).toContain('Its guard decided: Continues with a limit of 128 MiB');
  } finally {
    const { version } = (await server.do('GET', '/notices')) as NoticesView;
    await server.do('PUT', '/notices', { version, destinations: [] });
  }
});
