// The contract, for whoever imports it whole.
export * from './calls.ts';
export * from './control-files.ts';
export * from './derive.ts';
export * from './events.ts';
export * from './frame.ts';
export * from './launch.ts';
export * from './link.ts';
export * from './mirror.ts';
export * from './paths.ts';
export * from './problems.ts';
export * from './readings.ts';
export * from './stream.ts';
export * from './units.ts';
