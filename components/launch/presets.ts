// Launches that work on any machine, each of which shows one thing that a control group does.
import { emptyForm, type LaunchForm } from './launch-form.ts';

export interface Preset {
  readonly id: 'leak' | 'burner' | 'writer' | 'forks' | 'island' | 'shell' | 'blank';
  readonly title: string;
  /** What one sees and learns. */
  readonly teaches: string;
  readonly form: LaunchForm;
}

const MIB = 2 ** 20;

export const presets: readonly Preset[] = [
  {
    id: 'leak',
    title: 'A leak against a wall',
    teaches: 'Memory grows by 20 MiB a second, passes the soft limit, meets pressure, hits the hard one and is killed.',
    form: { ...emptyForm, name: 'leak', command: 'cgdeck-load leak 20', soft: 256 * MIB, hard: 512 * MIB },
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
