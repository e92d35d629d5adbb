/** Invariant 2 at the one place where nobody is asked: a primary that is made anew. */
import type { Action } from '../../../canary/action.ts';
import type { CanaryStatus } from '../../../canary/canary.ts';
import { isOwnHash } from '../../../canary/revision.ts';
import type { SimulatedCluster } from '../../../sandbox/simulated/cluster.ts';
import type { Release } from '../../../sandbox/simulated/workloads.ts';
import { violated } from './violated.ts';

export interface CopyRules {
  readonly status: () => CanaryStatus;
  readonly skipAnalysis: boolean;
}

/**
 * A primary that is missing is made of a release that a primary has had before: by a bootstrap, by a promotion, or by
 * whoever looked after the Canary. With skipAnalysis it is made of any, and so it is while the hashes in the status are
 * those of another controller, which say nothing of the target.
 */
export function watchCopies(cluster: SimulatedCluster, { status, skipAnalysis }: CopyRules): (action: Action) => void {
  const { primary: first } = cluster.state();
  const had = new Set(first === undefined ? [] : [nameOf(first.release)]);
  return (action) => {
    const { primary, target } = cluster.state();
    if (primary !== undefined) had.add(nameOf(primary.release));
    if (action.kind !== 'ensurePrimary' || action.follow || primary !== undefined || skipAnalysis) return;
    if (!isOwnHash(status().lastPromotedSpec)) return;
    if (!had.has(nameOf(target.release))) violated(2, `a primary was made of ${nameOf(target.release)}`);
  };
}

const nameOf = ({ name, config = '' }: Release): string => `${name} ${config}`;
