// Which tests run in which machine. What a machine cannot pass is left out by name, with the reason.

const MACHINE = 'test/vm/machine.guest.test.ts';
const V2 = ['v2', 'agent', 'agent-tree', 'devices', 'hostile'].map((name) => `test/vm/${name}.guest.test.ts`);
/** A whole cgdeck for each test, which takes a machine a while: in one of them. */
const DECKS = ['test/vm/delegation.guest.test.ts', 'test/vm/standpoint.guest.test.ts'];

/** The tree of groups on the kernel's own hierarchies, whichever there are. */
const TREE = 'server/agent/hierarchy';
/** The launcher joins whichever hierarchies are mounted; its tests take long enough for one machine only. */
const LAUNCHER = 'native/launch';
/** The agent's tests name the hierarchy "unified" beside those of v1. */
const AGENT = ['server/agent/agent.kernel', 'server/agent/faults', 'server/agent/hostile'];
/** Every control file against the kernel's own, of whichever version. */
const REGISTRY = 'server/agent/registry';

/** Device rules: as programs on v2, by the devices controller on v1. */
const DEVICES = ['native/kernel', 'server/agent/devices'];
/** What the kernel notifies, and the hold, by the means of whichever version has the memory controller. */
const EVENTS = ['server/agent/events', 'server/agent/guard', 'server/agent/hold-recovery'];

/** Parts of a regular expression, for the full names of tests. */
const LEFT_OUT = [
  // The guest's files are in memory, where a write is no IO.
  'write makes real IO into a bounded file',
  // Processes end with their parent before the slow agent has come to them, and it counts those that it ended itself.
  'is right beyond a page of them',
  // The guest's /tmp lies on an overlay: 6.1 maps no ids on one, and lays no other over it.
  'that is a directory has its files',
  'that is writable takes what is written',
  'with a layer keeps what is written there',
  'with a layer over the host leaves its owners',
  // Kernel 6.1 takes it, where newer ones refuse.
  'memory.move_charge_at_immigrate = 1 is refused',
];

/**
 * `usual` runs with every npm test, with `further` it is npm run test:vm; `journey` is the browser's, from outside.
 * @typedef {{ kernel: '6.1' | '6.12', mode: 'v2' | 'v1' | 'hybrid', swap: 'yes' | 'no', usual: readonly string[], further: readonly string[],
 *   journey: 'usual' | 'further', leftOut: readonly string[] }} Suite
 */

/** @type {readonly Suite[]} */
export const SUITES = [
  {
    kernel: '6.1',
    mode: 'v2',
    swap: 'yes',
    usual: [MACHINE, TREE, REGISTRY, ...V2, ...EVENTS, ...DEVICES],
    further: [],
    journey: 'further',
    leftOut: [],
  },
  {
    kernel: '6.12',
    mode: 'v2',
    swap: 'yes',
    usual: [],
    further: [MACHINE, TREE, REGISTRY, ...V2, ...DECKS, ...EVENTS, ...DEVICES],
    journey: 'usual',
    leftOut: [],
  },
  // Without swap, as on the machines that these tests come from: with it, what a limit has to refuse can be reclaimed.
  {
    kernel: '6.1',
    mode: 'hybrid',
    swap: 'no',
    usual: [],
    further: [MACHINE, TREE, REGISTRY, ...AGENT, ...EVENTS, ...DEVICES],
    journey: 'further',
    leftOut: LEFT_OUT,
  },
  { kernel: '6.1', mode: 'v1', swap: 'no', usual: [], further: [MACHINE, TREE, LAUNCHER], journey: 'further', leftOut: LEFT_OUT },
];
