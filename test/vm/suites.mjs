// Which tests run in which machine. A suite that a machine cannot pass yet is not named here, and README.md says why.

const HERE = 'test/vm/machine.guest.test.ts';
const V1 = [HERE, 'server/agent/hierarchy', 'server/agent/registry', 'server/agent/agent.kernel', 'server/agent/faults', 'native/launch'];

/** @typedef {{ kernel: '6.1' | '6.12', mode: 'v2' | 'v1' | 'hybrid', tests: readonly string[] }} Suite */

/** @type {readonly Suite[]} */
export const SUITES = [
  { kernel: '6.1', mode: 'v2', tests: [HERE, 'test/vm/v2.guest.test.ts'] },
  { kernel: '6.12', mode: 'v2', tests: [HERE, 'test/vm/v2.guest.test.ts'] },
  { kernel: '6.1', mode: 'v1', tests: V1 },
  { kernel: '6.1', mode: 'hybrid', tests: V1 },
];
