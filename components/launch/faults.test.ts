// Faults are shown at their fields, and so are refusals by the server, the launcher and the kernel.
import { describe, expect, it } from 'vitest';
import { findControlFile } from '../../server/contract/control-files.ts';
import { LaunchRequest } from '../../server/contract/launch.ts';
import { allV2 } from '../../server/contract/limit-names.ts';
import { ProblemError, type ProblemFacts } from '../../server/contract/problems.ts';
import { faultsOf as faultsWith } from './faults.ts';
import { fieldOfPath, fieldOfProblem } from './field-of.ts';
import { chooseNetwork, type FormField, freeName, type LaunchForm, networkModeOf, switchNamespace } from './launch-form.ts';
import { presetForm, presets } from './presets.ts';
import { checkRequest } from './request-check.ts';
import { emptyForm, toRequest } from './requests.ts';

const faultsOf = (...[form, machine, taken]: Parameters<typeof faultsWith>) => faultsWith(form, machine, taken, checkRequest);

const MIB = 2 ** 20;
const machine = { cpuList: '0,2-3', managedRoot: '/cgdeck', hierarchies: [] };
const unified = {
  ...machine,
  hierarchies: [{ mountPoint: '/sys/fs/cgroup', version: 2 as const, controllers: ['cpu', 'cpuset', 'io', 'memory', 'pids'] }],
};
const form = (change: Partial<LaunchForm>): LaunchForm => ({ ...emptyForm, name: 'web', command: 'sleep 1', ...change });
const bind = (source: string, target = '') => ({ source, target, writable: false });

describe('presets', () => {
  it.each(presets.filter(({ id }) => id !== 'blank'))('$id can be launched as it is', ({ form: preset }) => {
    expect(faultsOf(preset, machine, [])).toEqual({});
    expect(LaunchRequest.safeParse(toRequest(preset)).success).toBe(true);
  });

  it.each(presets.filter(({ id }) => id !== 'blank'))('$id is asked for in v2’s names there', (preset) => {
    const asked = presetForm(preset, unified, []);
    expect(faultsOf(asked, unified, [])).toEqual({});
    for (const file of Object.keys(toRequest(asked).limits)) expect(findControlFile(file, 2), file).toBeDefined();
  });

  it('write to disk only where they may: /tmp is memory', () => {
    for (const { form: preset } of presets) expect(preset.command).not.toMatch(/(^|\s)\/tmp\//);
  });
});

describe('faultsOf', () => {
  const faulty: readonly (readonly [FormField, Partial<LaunchForm>, RegExp])[] = [
    ['name', { name: 'a/b' }, /slash/],
    ['name', { name: '' }, /empty/],
    ['command', { command: '' }, /program and its arguments/],
    ['command', { command: "echo 'x" }, /not closed/],
    ['command', { command: 'echo \\' }, /backslash/],
    ['command', { command: "''" }, /no program/],
    ['env', { env: [{ name: '', value: 'x' }] }, /needs a name/],
    ['env', { env: [{ name: 'A=B', value: 'x' }] }, /needs a name/],
    [
      'env',
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      /A is set twice/,
    ],
    ['cwd', { cwd: 'tmp' }, /slash/],
    ['hostname', { hostname: 'a b' }, /letters/i],
    ['quota', { quota: 'much' }, /150000us/],
    ['cpus', { cpus: '0-1' }, /^CPU 1 does not belong to this machine, which has 0,2-3/],
    ['pids', { pids: '-1' }, /whole number/],
    ['weight', { weight: 'x' }, /1024/],
    ['weight', { weight: '10001', on: allV2 }, /1 to 10000/],
    ['diskWrites', { diskWrites: '8:0' }, /disk as/],
    ['diskWrites', { diskWrites: 'sda 10M' }, /disk as/],
    ['swap', { swap: 'lots', on: allV2 }, /size such as/],
    [
      'devices',
      { devices: 'own', deviceRows: [{ type: 'c', major: '4096', minor: '', access: 'r' }] },
      /Rule 1: a major number under 4096/,
    ],
    ['memsw', { memsw: '1M', hard: 2 * MIB }, /at least the hard limit/],
    ['memsw', { memsw: 'lots' }, /size such as/],
    ['rootfs', { root: 'directory' }, /becomes the root/],
    ['rootfs', { root: 'directory', rootfs: 'srv' }, /slash/],
    ['layer', { writes: 'layer', layer: '.hidden' }, /letters/i],
    ['binds', { binds: [bind('', '/x')] }, /Directory 1 has no source/],
    ['binds', { binds: [bind('/a'), bind('b')] }, /source of directory 2/],
    ['binds', { binds: [bind('/a', 'b')] }, /inside of directory 1/],
    ['egress', { network: 'routed', egress: 'fast' }, /10 Mbit/],
    ['ingress', { network: 'routed', ingress: '1' }, /from 1 kbit/],
    ['network', { network: 'host' }, /only without the namespace net/],
    ['rlimits', { rlimits: [{ name: 'nofile', soft: 'many', hard: '' }] }, /nofile needs/],
    ['rlimits', { rlimits: [{ name: 'nofile', soft: '', hard: '' }] }, /nofile needs/],
    ['rlimits', { rlimits: [{ name: 'nofile', soft: '9', hard: '8' }] }, /above its hard/],
    ['rlimits', { rlimits: [{ name: 'files', soft: '9', hard: '' }] }, /Choose a resource/],
    [
      'rlimits',
      {
        rlimits: [
          { name: 'core', soft: '0', hard: '' },
          { name: 'core', soft: '1', hard: '' },
        ],
      },
      /twice/,
    ],
    ['oomScoreAdj', { oomScoreAdj: '1001' }, /0 to 1000/],
    ['nice', { nice: '20' }, /−20 to 19/],
    ['nice', { nice: '1.5' }, /whole number/],
    ['umask', { umask: '999' }, /octal/],
    ['user', { user: 'a:b' }, /a name or a number/],
    ['group', { group: 'a b' }, /a name or a number/],
    ['maxRetries', { restart: 'always', maxRetries: '0' }, /1 to 1000/],
    ['grace', { grace: '601' }, /0 to 600/],
    ['grace', { grace: '' }, /0 to 600/],
  ];
  it.each(faulty)('%s: %j', (field, change, sentence) => {
    const faults = faultsOf(form(change), machine, []);
    expect(Object.keys(faults)).toEqual([field]);
    expect(faults[field]).toMatch(sentence);
  });

  it('finds none in fields that are not used', () => {
    expect(faultsOf(form({ egress: 'fast', ingress: 'fast' }), machine, [])).toEqual({});
    const without = { namespaces: [], root: 'directory', writes: 'layer', layer: '.x', binds: [bind('x')] } as const;
    expect(faultsOf(form(without), machine, [])).toEqual({});
  });

  it('knows which names are taken', () => {
    expect(faultsOf(form({}), machine, ['/cgdeck/web']).name).toContain('already');
    expect(faultsOf(form({}), machine, ['/web']).name).toBeUndefined();
    const taken = ['/cgdeck/web', '/cgdeck/web-2'];
    expect(['web', 'web-2', 'web-7', 'api'].map((name) => freeName(name, '/cgdeck', taken))).toEqual(['web-3', 'web-3', 'web-7', 'api']);
  });
});

describe('fieldOfProblem', () => {
  const problem = (facts: ProblemFacts, code: 'kernel_refused' | 'conflict' | 'busy' | 'invalid' = 'kernel_refused', detail = '') =>
    new ProblemError(code, detail, facts).problem;

  it('goes by the control file, the launcher’s step, the request’s part, and the code', () => {
    expect(fieldOfProblem(problem({ file: 'memory.memsw.limit_in_bytes', asked: '1' }))).toBe('memsw');
    expect(fieldOfProblem(problem({ file: 'cpu.cfs_period_us', asked: '1' }))).toBe('quota');
    expect(fieldOfProblem(problem({ file: '/cgdeck/web/memory.high', asked: '1' }))).toBe('soft');
    expect(fieldOfProblem(problem({ file: '/cgdeck/web/devices.allow', asked: 'c 1:3 r' }))).toBe('devices');
    expect(fieldOfProblem(problem({ file: '/cgdeck/web/device program' }))).toBe('devices');
    expect(fieldOfProblem(problem({ file: '/no/such', asked: 'exec' }))).toBe('command');
    expect(fieldOfProblem(problem({ file: '/nowhere', asked: 'cwd' }))).toBe('cwd');
    expect(fieldOfProblem(problem({ asked: 'clone' }))).toBe('namespaces');
    expect(fieldOfProblem(problem({ file: '/no/such', asked: 'rootfs' }))).toBe('rootfs');
    expect(fieldOfProblem(problem({ asked: 'bind' }))).toBe('binds');
    expect(fieldOfProblem(problem({ asked: 'overlay' }, 'busy'))).toBe('layer');
    expect(fieldOfProblem(problem({ file: '/cgdeck/web' }, 'conflict'))).toBe('name');
    expect(fieldOfProblem(problem({}, 'busy'))).toBeUndefined();
  });

  it('reads the part out of a refused request’s sentence', () => {
    const invalid = (detail: string) => fieldOfProblem(problem({}, 'invalid', detail));
    expect(invalid('rootfs: is no absolute path.')).toBe('rootfs');
    expect(invalid('binds[0].source: is no absolute path.')).toBe('binds');
    expect(invalid('rates.ingressBitsPerSec: wants at least 1000, got 1.')).toBe('ingress');
    expect(invalid('The body wants an object, got nothing.')).toBeUndefined();
  });

  it('has a field for every part of a request', () => {
    for (const part of Object.keys(LaunchRequest.shape)) expect(fieldOfPath([part]), part).toBeDefined();
    expect(fieldOfPath(['limits', 'pids.max'])).toBe('pids');
  });
});

it('moves the namespace with the network, and the network with the namespace', () => {
  const routed = form(chooseNetwork('routed', ['pid']));
  expect(routed).toMatchObject({ namespaces: ['pid', 'net'], network: 'routed' });
  const host = { ...routed, ...chooseNetwork('host', routed.namespaces) };
  expect(host).toMatchObject({ namespaces: ['pid'], network: 'host' });
  const back = { ...host, ...switchNamespace(host.namespaces, 'net', true) };
  expect(networkModeOf(back)).toBe('none');
  expect(networkModeOf({ ...back, ...switchNamespace(back.namespaces, 'net', false) })).toBe('host');
  for (const each of [routed, host, back]) expect(faultsOf(each, machine, [])).toEqual({});
});
