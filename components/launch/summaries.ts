// The summary of each folded section of the launch form; what weakens the sandbox is marked.

import { whenWords } from '../../server/contract/guard-words.ts';
import { countText } from '../../server/contract/units.ts';
import { parseRate, rateText } from '../group/network/rate.ts';
import { planOf } from '../guard/plan-form.ts';
import { type LaunchForm, networkModeOf } from './launch-form.ts';
import { isEmptyBind, parseGrace } from './requests.ts';

export interface SummaryPart {
  readonly text: string;
  /** It weakens the usual protection. */
  readonly weak?: boolean;
}

/** When it is held; empty reasons are a fault, which the section shows. */
export function guardSummary({ guard }: LaunchForm): SummaryPart[] {
  const plan = guard && planOf(guard);
  if (!guard) return [{ text: 'none: at its limit the kernel kills' }];
  return [{ text: plan ? `held ${whenWords(plan).join(', or ')}` : 'not complete' }];
}

export function filesSummary({ namespaces, root, rootfs, writes, layer, binds }: LaunchForm): SummaryPart[] {
  if (!namespaces.includes('mnt')) return [{ text: 'the host’s own files', weak: true }];
  const what = root === 'host' ? 'the host’s root' : rootfs.trim() === '' ? 'a directory as root' : rootfs.trim();
  const how: Record<LaunchForm['writes'], SummaryPart> = {
    refused: { text: `${what}, read-only` },
    direct: { text: `${what}, written to directly`, weak: true },
    layer: { text: `${what}, written to ${layer === '' ? 'a new layer' : `the layer ${layer}`}` },
  };
  const there = binds.filter((bind) => !isEmptyBind(bind));
  const writable = there.filter((bind) => bind.writable).length;
  return [
    how[writes],
    ...(there.length === 0 ? [] : [{ text: countText(there.length, 'directory of the host', 'directories of the host') }]),
    ...(writable === 0 ? [] : [{ text: `${writable} of them writable`, weak: true }]),
  ];
}

export function networkSummary(form: LaunchForm): SummaryPart[] {
  const mode = networkModeOf(form);
  switch (mode) {
    case 'none':
      return [{ text: 'only loopback' }];
    case 'host':
      return [{ text: 'the host’s own network', weak: true }];
    case 'routed':
      return [
        { text: 'routed by the host' },
        ...rate('out', form.egress),
        ...rate('in', form.ingress),
        { text: form.nat ? 'reaches what the host reaches' : 'reaches the host' },
      ];
    default:
      return mode satisfies never;
  }
}

function rate(way: 'in' | 'out', text: string): SummaryPart[] {
  const parsed = text.trim() === '' ? undefined : parseRate(text);
  return parsed && 'rate' in parsed && parsed.rate !== null ? [{ text: `${rateText(parsed.rate)} ${way}` }] : [];
}

export function devicesSummary({ devices, deviceRows }: LaunchForm): SummaryPart[] {
  const choice: Record<LaunchForm['devices'], string> = {
    unruled: 'no rules of its own',
    container: 'as containers have them',
    own: deviceRows.length === 0 ? 'none at all' : countText(deviceRows.length, 'rule', 'rules'),
  };
  return [{ text: choice[devices] }];
}

/** Always in this order, so that the line can be read at a glance. */
export function privilegesSummary(form: LaunchForm): SummaryPart[] {
  const { capabilities, noNewPrivileges, seccomp, rlimits, oomScoreAdj, nice, umask, user, group, namespaces } = form;
  const as = [user.trim(), group.trim()].filter((name) => name !== '');
  return [
    ...(as.length === 0 || !namespaces.includes('user') ? [] : [{ text: `as ${as.join(':')}` }]),
    capabilities.length === 0
      ? { text: 'no capabilities' }
      : { text: capabilities.length <= 2 ? `keeps ${capabilities.join(', ')}` : `keeps ${capabilities.length} capabilities`, weak: true },
    noNewPrivileges ? { text: 'no new privileges' } : { text: 'may gain privileges', weak: true },
    seccomp === 'default' ? { text: 'system calls filtered' } : { text: 'system calls not filtered', weak: true },
    ...(rlimits.length === 0 ? [] : [{ text: countText(rlimits.length, 'resource limit', 'resource limits') }]),
    ...(oomScoreAdj.trim() === '' ? [] : [{ text: `OOM score ${oomScoreAdj.trim()}` }]),
    ...(nice.trim() === '' ? [] : [{ text: `nice ${nice.trim()}` }]),
    ...(umask.trim() === '' ? [] : [{ text: `umask ${umask.trim()}` }]),
  ];
}

export function lifeSummary({ restart, maxRetries, grace, init, namespaces }: LaunchForm): SummaryPart[] {
  const times = maxRetries.trim() === '' ? '' : `, at most ${maxRetries.trim()} times in a row`;
  const policy: Record<LaunchForm['restart'], string> = {
    never: 'runs once',
    'on-failure': `restarted when it fails${times}`,
    always: `restarted whenever it ends${times}`,
  };
  const graceMs = parseGrace(grace);
  return [
    { text: policy[restart] },
    ...(graceMs === undefined
      ? []
      : [{ text: graceMs === 0 ? 'SIGKILL at once when stopped' : `killed ${graceMs / 1000} s after a stop` }]),
    ...(init || !namespaces.includes('pid') ? [] : [{ text: 'is pid 1 itself' }]),
  ];
}

export function aroundSummary({ env, cwd }: LaunchForm): SummaryPart[] {
  const named = env.filter(({ name }) => name !== '').length;
  return [
    { text: named === 0 ? 'no variables' : countText(named, 'variable', 'variables') },
    { text: `in ${cwd.trim() === '' ? '/' : cwd.trim()}` },
  ];
}
