/** When Canaries came into the phase that they are in. Pure. */
import { parseInstant } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { spreadOf } from './percentile.ts';
import type { Spread } from './percentile.ts';

/**
 * Milliseconds from `begunAt` (epoch milliseconds) to the last change of each Canary's phase.
 *
 * @throws Error for a Canary that does not say when that was
 */
export function transitionsFrom(canaries: readonly KubernetesObject[], begunAt: number): Spread | undefined {
  return spreadOf(canaries.map((canary) => transitionOf(canary) - begunAt));
}

function transitionOf(canary: KubernetesObject): number {
  const text = stringAt(canary, 'status', 'lastTransitionTime') ?? '';
  const at = parseInstant(text);
  if (at !== undefined) return at;
  throw new Error(`canary ${nameOf(canary.metadata)}: expected a time in status.lastTransitionTime, got '${text}'`);
}
