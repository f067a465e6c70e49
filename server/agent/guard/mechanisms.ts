// The mechanism for a group, by the version of its memory controller.
import type { Sources } from '../kernel/sources.ts';
import type { Mechanism, MechanismOptions } from './mechanism.ts';
import { UnifiedMechanism } from './unified-mechanism.ts';
import { V1Mechanism } from './v1-mechanism.ts';

export function mechanismOf(sources: Sources, options: MechanismOptions): Mechanism {
  return options.record.version === 1 ? new V1Mechanism(sources, options) : new UnifiedMechanism(sources, options);
}
