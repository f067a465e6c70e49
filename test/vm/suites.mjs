// Which tests run in which machine. What a machine cannot pass is left out by name, with the reason.

/** What the test machines themselves can do. */
const MACHINE = 'test/vm/machine.guest.test.ts';
const V2 = 'test/vm/v2.guest.test.ts';
/** A whole cgdeck for each test, which takes a machine a while. */
const DELEGATED = 'test/vm/delegation.guest.test.ts';
const STANDPOINT = 'test/vm/standpoint.guest.test.ts';
const GIVEN = 'test/vm/delegation-v1.guest.test.ts';
const BESIDE_SYSTEMD = 'test/vm/systemd.guest.test.ts';

/** The tree of groups on the kernel's own hierarchies, whichever there are. */
const TREE = 'server/agent/kernel/hierarchy';
/** The launcher joins whichever hierarchies are mounted. */
const LAUNCHER = 'native/launch';
/** The agent through its link. */
const AGENT = ['agent.kernel', 'groups', 'many-calls', 'writes', 'protected', 'kill', 'waiting', 'launch.kernel'].map(
  (name) => `server/agent/${name}`,
);
/** The rules and the mischief of each version. */
const RULES = ['server/agent/unified', 'server/agent/hostile', 'server/agent/headless'];
/** Every control file against the kernel's own, of whichever version. */
const REGISTRY = 'server/agent/registry';

/** Device rules: as programs on v2, by the devices controller on v1. */
const DEVICES = ['native/kernel', 'server/agent/device'];
/** What the kernel notifies, and the guard, by the means of whichever version has the memory controller. */
const EVENTS = ['server/agent/events', 'server/agent/guard'];

/** What npm test runs on a machine of that kind itself; the machine's own tests are `usual` and `further`. */
export const WHOLE = ['server/', 'native/'];

/** Parts of a regular expression, for the full names of tests. */
const LEFT_OUT = [
  // Without a unified tree to kill in one stroke, processes end with their parent before the slow agent has come to them, and it counts its own.
  'is right for more than a page of pids',
  // Kernel 6.1 takes it, where newer ones refuse.
  'memory.move_charge_at_immigrate = 1 is refused',
  // Debian's kernels have loop devices as a module, which the machines lack.
  'a loop device lies on the disk that its file is on',
  'what a group reads and writes through two layers is counted once',
  'a partition of a loop device, with its disk',
  'a kill that waits in vain for a process',
  // Beside all others there the test's own client reads too slowly for the monitor with sanitizers, which disconnects it after two seconds as well.
  'sanitized.*continues without it after a while',
];

/**
 * `usual` runs with every npm test where the machine's own memory controller is of the other version, with `further` it is npm run test:vm, and
 * `whole` is npm run test:vm -- <mode> whole. What is `apart` belongs to `further`, in a machine beside the suite's. `journey` is the browser's, from outside, and `whole` all that it has to try.
 * @typedef {{ kernel: '6.1' | '6.12', mode: 'v2' | 'v1' | 'hybrid' | 'systemd', swap: 'yes' | 'no', usual: readonly string[], further: readonly string[], apart?: readonly string[],
 *   journey: 'usual' | 'further' | 'whole', leftOut: readonly string[] }} Suite
 */

/** @type {readonly Suite[]} */
export const SUITES = [
  {
    kernel: '6.1',
    mode: 'v2',
    swap: 'yes',
    usual: [MACHINE, V2, TREE, REGISTRY, ...RULES, ...EVENTS, ...DEVICES],
    further: [],
    journey: 'whole',
    leftOut: LEFT_OUT,
  },
  {
    kernel: '6.12',
    mode: 'v2',
    swap: 'yes',
    usual: [],
    further: [MACHINE, V2, TREE, REGISTRY, ...AGENT, `${LAUNCHER}/groups`],
    apart: [STANDPOINT, DELEGATED],
    journey: 'usual',
    leftOut: LEFT_OUT,
  },
  // Without swap, as on the machines that these tests come from: with it, what a limit has to refuse can be reclaimed.
  {
    kernel: '6.1',
    mode: 'hybrid',
    swap: 'no',
    usual: [MACHINE, TREE, REGISTRY, ...RULES, ...EVENTS, ...DEVICES],
    further: AGENT,
    journey: 'usual',
    leftOut: LEFT_OUT,
  },
  {
    kernel: '6.1',
    mode: 'v1',
    swap: 'no',
    usual: [],
    further: [MACHINE, TREE, LAUNCHER, ...AGENT, GIVEN],
    journey: 'further',
    leftOut: LEFT_OUT,
  },
  {
    kernel: '6.12',
    mode: 'systemd',
    swap: 'no',
    usual: [],
    further: [MACHINE, BESIDE_SYSTEMD],
    journey: 'whole',
    leftOut: LEFT_OUT,
  },
];
