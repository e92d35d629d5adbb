/**
 * What the gauge of weights shows of a Canary, read from the object with as little as possible: one whose spec can't be
 * used has series, too. Rules: spec of operations, section 5, and of each router, row "Read".
 */
import { Phase } from '../../canary/canary.ts';
import { parseProvider } from '../../canary/provider.ts';
import type { Provider } from '../../canary/spec.ts';
import { currentWeights, isShifting } from '../../canary/weights.ts';
import { arrayAt, numberAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/**
 * Percent of the traffic that the target's pods get by the routes. The kubernetes provider has none: as in the reference
 * it is all while iterations are counted, although users stay with the primary.
 */
export function shownWeight(object: KubernetesObject, defaultProvider: Provider): number {
  const provider = parseProvider(stringAt(object, 'spec', 'provider') ?? '') ?? defaultProvider;
  const phase = stringAt(object, 'status', 'phase');
  const said = arrayAt(object, 'status', 'run', 'said').filter((key) => typeof key === 'string');
  const status = {
    phase: Object.values(Phase).find((known) => known === phase),
    canaryWeight: numberAt(object, 'status', 'canaryWeight') ?? 0,
    iterations: numberAt(object, 'status', 'iterations') ?? 0,
    run: { mirrored: false, said },
  };
  if (provider === 'kubernetes') return isShifting(status) && status.iterations > 0 ? 100 : 0;
  const analysis = {
    iterations: Math.max(0, numberAt(object, 'spec', 'analysis', 'iterations') ?? 0),
    match: arrayAt(object, 'spec', 'analysis', 'match'),
  };
  return currentWeights({ spec: { provider, analysis } }, status).canary;
}
