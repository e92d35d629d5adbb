import type { Canary, Phase } from '../../canary/canary.ts';
import { inPhase } from './situations.ts';
import type { Situation } from './situations.ts';

export const finalizers: readonly string[] = ['finalizer.flagger.app'];

/** A Canary that is being deleted and gives back what it took over. */
export function leaving(phase: Phase | undefined, { spec, ...situation }: Situation = {}): Canary {
  const canary = inPhase(phase, { ...situation, spec: { revertOnDeletion: true, ...spec } });
  return { ...canary, deleting: true, generation: 2, finalizers };
}
