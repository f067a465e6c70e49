// The shape of suites.mjs, which Node 20 reads as it is.

export interface Suite {
  readonly kernel: '6.1' | '6.12';
  readonly mode: 'v2' | 'v1' | 'hybrid' | 'systemd';
  readonly swap: 'yes' | 'no';
  /** What runs with every npm test, and what only with npm run test:vm. */
  readonly usual: readonly string[];
  readonly further: readonly string[];
  /** Of what only npm run test:vm runs, what has a machine to itself. */
  readonly apart?: readonly string[];
  /** When the browser outside goes on its journeys. */
  readonly journey: 'usual' | 'further' | 'whole';
  readonly leftOut: readonly string[];
}

export const SUITES: readonly Suite[];
export const WHOLE: readonly string[];
