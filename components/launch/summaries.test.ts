// The summary of each section, with everything marked that weakens the sandbox.
import { describe, expect, it } from 'vitest';
import type { LaunchForm } from './launch-form.ts';
import { emptyForm } from './requests.ts';
import {
  aroundSummary,
  devicesSummary,
  filesSummary,
  lifeSummary,
  networkSummary,
  privilegesSummary,
  type SummaryPart,
} from './summaries.ts';

const line = (parts: readonly SummaryPart[]) => parts.map(({ text, weak }) => (weak ? `!${text}` : text)).join(' · ');
const form = (change: Partial<LaunchForm>): LaunchForm => ({ ...emptyForm, ...change });

it('marks nothing in the default form', () => {
  expect([filesSummary, networkSummary, privilegesSummary, lifeSummary, aroundSummary].map((of) => line(of(emptyForm)))).toEqual([
    'the host’s root, read-only',
    'only loopback',
    'no capabilities · no new privileges · system calls filtered',
    'runs once · killed 10 s after a stop',
    'no variables · in /',
  ]);
});

describe('marks what weakens it', () => {
  it.each([
    [filesSummary, { namespaces: [] }, '!the host’s own files'],
    [filesSummary, { root: 'directory', rootfs: '/srv', writes: 'direct' }, '!/srv, written to directly'],
    [
      filesSummary,
      { writes: 'layer', layer: 'tools', binds: [{ source: '/a', target: '', writable: true }] },
      'the host’s root, written to the layer tools · 1 directory of the host · !1 of them writable',
    ],
    [devicesSummary, { devices: 'container' }, 'as containers have them'],
    [devicesSummary, { devices: 'own', deviceRows: [] }, 'none at all'],
    [networkSummary, { network: 'host', namespaces: [] }, '!the host’s own network'],
    [
      networkSummary,
      { network: 'routed', egress: '10M', ingress: 'fast', nat: true },
      'routed by the host · 10 Mbit/s out · reaches what the host reaches',
    ],
    [
      privilegesSummary,
      { capabilities: ['CAP_CHOWN'], noNewPrivileges: false, seccomp: 'unconfined', nice: '5', umask: '027' },
      '!keeps CAP_CHOWN · !may gain privileges · !system calls not filtered · nice 5 · umask 027',
    ],
    [
      privilegesSummary,
      { capabilities: ['CAP_CHOWN', 'CAP_KILL', 'CAP_LEASE'] },
      '!keeps 3 capabilities · no new privileges · system calls filtered',
    ],
    [
      lifeSummary,
      { restart: 'on-failure', maxRetries: '3', grace: '0', init: false },
      'restarted when it fails, at most 3 times in a row · SIGKILL at once when stopped · is pid 1 itself',
    ],
    [aroundSummary, { env: [{ name: 'A', value: '' }], cwd: '/srv' }, '1 variable · in /srv'],
  ] as const)('%#', (of, change, text) => {
    expect(line(of(form(change as Partial<LaunchForm>)))).toBe(text);
  });
});
