// Launches that work on any machine, each of which shows one thing that a control group does.
import { limitVersions } from '../../server/contract/limit-names.ts';
import { emptyForm, freeName, type LaunchForm, type Machine } from './launch-form.ts';

export interface Preset {
  readonly id: 'leak' | 'burner' | 'writer' | 'forks' | 'island' | 'devices' | 'shell' | 'blank';
  readonly title: string;
  /** What one sees and learns. */
  readonly teaches: string;
  readonly form: LaunchForm;
  /** Where v2 has the memory controller, whose soft limit slows down instead of warning. */
  readonly onV2?: Partial<Pick<Preset, 'teaches' | 'form'>>;
}

const MIB = 2 ** 20;

export const presets: readonly Preset[] = [
  {
    id: 'leak',
    title: 'A leak against a wall',
    teaches: 'Memory grows by 20 MiB a second, passes the soft limit, meets pressure, hits the hard one and is killed.',
    form: { ...emptyForm, name: 'leak', command: 'cgdeck-load leak 20', soft: 256 * MIB, hard: 512 * MIB },
    onV2: {
      teaches:
        'Memory grows by 20 MiB a second, meets pressure, hits the hard limit and is killed. Draw a soft one, and it is slowed down.',
      form: { ...emptyForm, name: 'leak', command: 'cgdeck-load leak 20', hard: 512 * MIB, swap: '0' },
    },
  },
  {
    id: 'burner',
    title: 'A burner on a ration',
    teaches: 'Two busy loops that may use half a CPU: the quota throttles them, and CPU pressure says what that costs.',
    form: { ...emptyForm, name: 'burner', command: 'cgdeck-load burn 2', quota: '0.5' },
  },
  {
    id: 'writer',
    title: 'A writer and its cache',
    teaches:
      '40 MiB a second to a file of 64 on disk, in the /var/tmp of its own: page cache fills the group and is reclaimed, nobody is killed.',
    form: { ...emptyForm, name: 'writer', command: 'cgdeck-load write 40 /var/tmp/cgdeck-writer', hard: 48 * MIB },
  },
  {
    id: 'forks',
    title: 'Forks that run dry',
    teaches: 'It wants 500 children and may have 50 tasks: the next fork fails with EAGAIN, the machine feels nothing.',
    form: { ...emptyForm, name: 'forks', command: 'cgdeck-load fork 500', pids: '50' },
  },
  {
    id: 'island',
    title: 'An island of its own',
    teaches: 'A shell that says who it is: pid 1, root of nothing, on a host of another name, with only a loopback network.',
    form: {
      ...emptyForm,
      name: 'island',
      hostname: 'island',
      pids: '20',
      command: `sh -c 'echo "I am pid $$ on $(hostname), uid $(id -u)"; ls -d /proc/[0-9]*; cat /proc/net/dev; exec sleep 3600'`,
    },
  },
  {
    id: 'devices',
    title: 'Few devices',
    teaches: 'It may write /dev/null and read /dev/zero, and no other device: what it tries beyond that fails with EPERM.',
    form: {
      ...emptyForm,
      name: 'devices',
      pids: '20',
      devices: 'own',
      deviceRows: [
        { type: 'c', major: '1', minor: '3', access: 'rwm' },
        { type: 'c', major: '1', minor: '5', access: 'r' },
      ],
      command: `sh -c 'for device in null zero full random; do head -c 1 /dev/$device | wc -c | sed "s|^|/dev/$device: bytes read: |"; done; exec sleep 3600'`,
    },
  },
  {
    id: 'shell',
    title: 'A shell of its own',
    teaches: 'A terminal inside: type ps, mount or hostname, and see what a process in namespaces sees. A fork bomb stops at 64 tasks.',
    form: { ...emptyForm, name: 'shell', hostname: 'shell', tty: true, pids: '64', command: 'sh' },
  },
  {
    id: 'blank',
    title: 'Your own',
    teaches: 'Any program of this machine, in a group and namespaces as you choose them.',
    form: { ...emptyForm, name: 'job' },
  },
];

/** A preset as the machine has it, under a name that is free. */
export function presetForm(preset: Preset, { hierarchies, managedRoot }: Machine, taken: readonly string[]): LaunchForm {
  const on = limitVersions(hierarchies);
  const form = (on.memory === 2 ? preset.onV2?.form : undefined) ?? preset.form;
  return { ...form, on, name: freeName(form.name, managedRoot, taken) };
}
