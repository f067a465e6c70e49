// The launch form: what is entered becomes the request, faults stand at their fields, and the script says the same.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LaunchRequest } from '../../server/contract/launch.ts';
import { ProblemError } from '../../server/contract/problems.ts';
import { splitCommand } from './argv.ts';
import { emptyForm, faultsOf, fieldOfProblem, formOfLaunched, freeName, type LaunchForm, toRequest } from './launch-form.ts';
import { presets } from './presets.ts';
import { launchScript } from './script.ts';

const MIB = 2 ** 20;
const machine = { cpus: 4, managedRoot: '/cgdeck' };
const host = {
  managedRoot: '/cgdeck',
  hierarchies: [
    { mountPoint: '/sys/fs/cgroup/memory', version: 1 as const, controllers: ['memory'] },
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', version: 1 as const, controllers: ['cpu', 'cpuacct'] },
    { mountPoint: '/sys/fs/cgroup/cpuset', version: 1 as const, controllers: ['cpuset'] },
    { mountPoint: '/sys/fs/cgroup/unified', version: 2 as const, controllers: [] },
  ],
};
const form = (change: Partial<LaunchForm>): LaunchForm => ({ ...emptyForm, name: 'web', command: 'sleep 1', ...change });

describe('toRequest', () => {
  it('sends what was entered and nothing else', () => {
    expect(toRequest(form({ namespaces: ['pid'], hard: 64 * MIB, quota: '1.5', pids: ' 50 ', cpus: '0-1, 3', memsw: '128M' }))).toEqual({
      name: 'web',
      argv: ['sleep', '1'],
      namespaces: ['pid'],
      limits: {
        'memory.limit_in_bytes': 64 * MIB,
        'memory.memsw.limit_in_bytes': 128 * MIB,
        'cpu.cfs_quota_us': '150000',
        'cpuset.cpus': '0-1,3',
        'pids.max': '50',
      },
    });
    expect(toRequest(form({})).limits).toEqual({});
  });

  it('takes env, cwd, and a host name only with a namespace for it', () => {
    const request = toRequest(
      form({
        env: [
          { name: 'A', value: 'x y' },
          { name: '', value: '' },
        ],
        cwd: ' /tmp ',
        hostname: 'box',
      }),
    );
    expect(request).toMatchObject({ env: { A: 'x y' }, cwd: '/tmp', hostname: 'box' });
    expect(toRequest(form({ hostname: 'box', namespaces: ['pid'] }))).not.toHaveProperty('hostname');
  });

  it('writes the hard limit before memory and swap, which may never be under it', () => {
    const files = Object.keys(toRequest(form({ hard: 64 * MIB, memsw: '64M' })).limits);
    expect(files.indexOf('memory.limit_in_bytes')).toBeLessThan(files.indexOf('memory.memsw.limit_in_bytes'));
  });
});

describe('presets', () => {
  it.each(presets.filter(({ id }) => id !== 'blank'))('$id can be launched as it is', ({ form: preset }) => {
    expect(faultsOf(preset, machine, [])).toEqual({});
    expect(LaunchRequest.safeParse(toRequest(preset)).success).toBe(true);
  });
});

describe('faultsOf', () => {
  it('puts each fault at its field', () => {
    const faults = faultsOf(
      form({
        name: 'a/b',
        command: "echo 'x",
        quota: 'much',
        cpus: '0-9',
        pids: '-1',
        shares: 'x',
        memsw: '1M',
        hard: 2 * MIB,
        cwd: 'tmp',
        hostname: 'a b',
      }),
      machine,
      [],
    );
    expect(Object.keys(faults).sort()).toEqual(['command', 'cpus', 'cwd', 'hostname', 'memsw', 'name', 'pids', 'quota', 'shares']);
  });

  it('knows which names are taken', () => {
    expect(faultsOf(form({}), machine, ['/cgdeck/web']).name).toContain('already');
    expect(faultsOf(form({}), machine, ['/web']).name).toBeUndefined();
    expect(freeName('web', '/cgdeck', ['/cgdeck/web', '/cgdeck/web-2'])).toBe('web-3');
    expect(freeName('web-2', '/cgdeck', ['/cgdeck/web', '/cgdeck/web-2'])).toBe('web-3');
  });
});

describe('fieldOfProblem', () => {
  const problem = (facts: { file?: string; asked?: string }, code: 'kernel_refused' | 'conflict' | 'busy' = 'kernel_refused') =>
    new ProblemError(code, '', facts).problem;
  it('goes by the control file, the launcher’s step, and the code', () => {
    expect(fieldOfProblem(problem({ file: 'memory.memsw.limit_in_bytes', asked: '1' }))).toBe('memsw');
    expect(fieldOfProblem(problem({ file: '/no/such', asked: 'exec' }))).toBe('command');
    expect(fieldOfProblem(problem({ file: '/nowhere', asked: 'cwd' }))).toBe('cwd');
    expect(fieldOfProblem(problem({ asked: 'clone' }))).toBe('namespaces');
    expect(fieldOfProblem(problem({ file: '/cgdeck/web' }, 'conflict'))).toBe('name');
    expect(fieldOfProblem(problem({}, 'busy'))).toBeUndefined();
  });
});

it('formOfLaunched brings back what the record keeps and the limits that hold now', () => {
  const again = formOfLaunched(
    {
      path: '/cgdeck/leak',
      launched: { group: '/cgdeck/leak', pid: 7, argv: ['sh', '-c', 'echo "a b"'], namespaces: ['pid', 'mnt'], startedAt: 0 },
      readings: {
        'memory.limit_in_bytes': 64 * MIB,
        'memory.soft_limit_in_bytes': 'max',
        'memory.memsw.limit_in_bytes': 'max',
        'cpu.cfs_quota_us': 150_000,
        'cpu.cfs_period_us': 100_000,
        'cpu.shares': 1024,
        'pids.max': 50,
      },
    },
    '/cgdeck',
    ['/cgdeck/leak'],
  );
  expect(again).toMatchObject({
    name: 'leak-2',
    namespaces: ['pid', 'mnt'],
    hard: 64 * MIB,
    soft: 'max',
    memsw: '',
    quota: '1.5',
    shares: '',
    pids: '50',
  });
  expect(splitCommand(again.command).argv).toEqual(['sh', '-c', 'echo "a b"']);
});

describe('launchScript', () => {
  const script = (change: Partial<LaunchForm>) => launchScript(toRequest(form(change)), host);

  it('names every directory, file and value', () => {
    const text = script({ hard: 64 * MIB, quota: '0.5' });
    expect(text).toContain('cd /sys/fs/cgroup\n');
    expect(text.split('for dir in memory cpu,cpuacct cpuset unified; do')).toHaveLength(3);
    expect(text).toContain('mkdir -p "$dir"/cgdeck/web\n');
    expect(text).toContain('echo $$ > "$dir"/cgdeck/web/cgroup.procs\n');
    expect(text).toContain('echo 64M > memory/cgdeck/web/memory.limit_in_bytes');
    expect(text).toContain('echo 50000 > cpu,cpuacct/cgdeck/web/cpu.cfs_quota_us');
    expect(text).toContain('cat cpuset/cgdeck/cpuset.cpus > cpuset/cgdeck/web/cpuset.cpus');
  });

  it('spells paths out where the hierarchies are mounted apart', () => {
    const apart = { ...host, hierarchies: [...host.hierarchies, { mountPoint: '/mnt/pids', version: 1 as const, controllers: ['pids'] }] };
    const text = launchScript(toRequest(form({ pids: '9' })), apart);
    expect(text).not.toContain('cd /sys');
    expect(text).toContain('echo 9 > /mnt/pids/cgdeck/web/pids.max');
  });

  it('says where this machine has no such file', () => {
    expect(script({ pids: '5' })).toContain('# pids.max: no hierarchy of this machine has it');
  });

  it('enters only the namespaces that are on', () => {
    expect(script({ namespaces: ['net', 'uts'] })).toContain('exec unshare --net --uts \\\n  sh -ec');
    expect(script({ namespaces: [] })).not.toContain('unshare');
    expect(script({ namespaces: ['pid'] })).not.toContain('--mount-proc');
  });

  it.each(['leak', "it's", 'a b', '名'])('is a script that a shell can read, for a group named %s', (name) => {
    const text = script({
      name,
      command: `sh -c 'echo "$HOME"; printf "%s\\n" it'\\''s' 'two\nlines'`,
      hostname: 'box',
      env: [{ name: 'A', value: "x 'y'" }],
    });
    expect(() => execFileSync('sh', ['-n'], { input: text })).not.toThrow();
  });

  it('passes argv on exactly', () => {
    const argv = ['printf', '%s', "it's", 'two\nlines', '"', '\\'];
    const text = launchScript({ ...toRequest(form({})), argv }, host);
    const inner = splitCommand(text.slice(text.indexOf('exec unshare')).trim()).argv.at(-1) ?? '';
    expect(splitCommand(inner.slice(inner.indexOf('exec env'))).argv.slice(-argv.length)).toEqual(argv);
  });
});
