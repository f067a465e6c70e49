// The shape of suites.mjs, which Node 20 reads as it is.

export interface Suite {
  readonly kernel: '6.1' | '6.12';
  readonly mode: 'v2' | 'v1' | 'hybrid';
  readonly swap: 'yes' | 'no';
  readonly tests: readonly string[];
  readonly leftOut: readonly string[];
}

export const SUITES: readonly Suite[];
