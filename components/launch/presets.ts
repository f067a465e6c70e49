// Launches that work on any machine, each of which shows one thing that a control group does.
import { limitVersions } from '../../server/contract/limit-names.ts';
import { newPlan } from '../guard/plan-form.ts';
import { freeName, type LaunchForm, type Machine } from './launch-form.ts';
import { emptyForm } from './requests.ts';

export interface Preset {
  readonly id: 'leak' | 'rescued' | 'burner' | 'writer' | 'forks' | 'island' | 'devices' | 'shell' | 'blank';
  readonly title: string;
  /** What a person sees and learns. */
  readonly teaches: string;
  readonly form: LaunchForm;
  /** For v2’s memory controller, whose soft limit slows down instead of warning. */
  readonly onV2?: Partial<Pick<Preset, 'teaches' | 'form'>>;
}

/** What the form was filled from. */
export type Source = { readonly preset: Preset['id'] } | { readonly template: string; readonly savedAt: number };

const MIB = 2 ** 20;

export const presets: readonly Preset[] = [
  {
    id: 'leak',
    title: 'A leak and its limit',
    teaches: 'Memory grows by 20 MiB a second, passes the soft limit, comes under pressure, hits the hard limit and is killed.',
    form: { ...emptyForm, name: 'leak', command: 'cgdeck-load leak 20', soft: 256 * MIB, hard: 512 * MIB },
    onV2: {
      teaches:
        'Memory grows by 20 MiB a second, comes under pressure, hits the hard limit and is killed. With a soft limit it is slowed down.',
      form: { ...emptyForm, name: 'leak', command: 'cgdeck-load leak 20', hard: 512 * MIB, swap: '0' },
    },
  },
  {
    id: 'rescued',
    title: 'Rescued at the wall',
    teaches:
      'The same leak with a guard: it is stopped short of its limit, you raise the limit by slider, and it ends by itself with code 0.',
    form: { ...emptyForm, name: 'rescued', command: 'cgdeck-load leak 20 600', hard: 512 * MIB, guard: newPlan },
    onV2: { form: { ...emptyForm, name: 'rescued', command: 'cgdeck-load leak 20 600', hard: 512 * MIB, swap: '0', guard: newPlan } },
  },
  {
    id: 'burner',
    title: 'Busy loops with a quota',
    teaches: 'Two busy loops that may use half a CPU: the quota throttles them, and CPU pressure shows how long they wait.',
    form: { ...emptyForm, name: 'burner', command: 'cgdeck-load burn 2', quota: '0.5' },
  },
  {
    id: 'writer',
    title: 'A writer and its cache',
    teaches: 'Writes 40 MiB a second to a 64 MiB file in its own /var/tmp: page cache fills the group and is reclaimed, nothing is killed.',
    form: { ...emptyForm, name: 'writer', command: 'cgdeck-load write 40 /var/tmp/cgdeck-writer', hard: 48 * MIB },
  },
  {
    id: 'forks',
    title: 'Forks up to a limit',
    teaches: 'It tries 500 children and may have 50 tasks: the next fork fails with EAGAIN, and the machine is not affected.',
    form: { ...emptyForm, name: 'forks', command: 'cgdeck-load fork 500', pids: '50' },
  },
  {
    id: 'island',
    title: 'Isolated from the host',
    teaches: 'A shell that prints who it is: pid 1, without privileges, with its own host name and only a loopback network.',
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
    teaches: 'It may write /dev/null and read /dev/zero; any other device fails with EPERM.',
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
    title: 'A shell to type into',
    teaches: 'A terminal inside: type ps, mount or hostname, and see what a process in namespaces sees. A fork bomb stops at 64 tasks.',
    form: { ...emptyForm, name: 'shell', hostname: 'shell', tty: true, pids: '64', command: 'sh' },
  },
  {
    id: 'blank',
    title: 'Your own',
    teaches: 'Any program of this machine, with the limits and namespaces that you choose.',
    form: { ...emptyForm, name: 'job' },
  },
];

/** A preset for this machine, with a free name. */
export function presetForm(preset: Preset, { hierarchies, managedRoot }: Machine, taken: readonly string[]): LaunchForm {
  const on = limitVersions(hierarchies);
  const form = (on.memory === 2 ? preset.onV2?.form : undefined) ?? preset.form;
  return { ...form, on, name: freeName(form.name, managedRoot, taken) };
}
