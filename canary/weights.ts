/** Where the traffic of a canary belongs, by its status alone: the route object is made to match, never asked. */
import type { CanaryStatus, Run, Weights } from './canary.ts';
import { allRouted } from './notes.ts';
import { strategyOf } from './spec.ts';
import type { Provider, StrategyFields } from './spec.ts';

export const allToPrimary: Weights = { primary: 100, canary: 0, mirrored: false };
export const allToCanary: Weights = { primary: 0, canary: 100, mirrored: false };

export const split = (canary: number, mirrored = false): Weights => ({ primary: 100 - canary, canary, mirrored });

/** What of a Canary decides on its traffic. */
interface Routed {
  readonly spec: { readonly provider: Provider; readonly analysis: StrategyFields };
}

/** And what of its status. */
interface Position extends Pick<CanaryStatus, 'canaryWeight' | 'iterations'> {
  readonly phase?: CanaryStatus['phase'] | undefined;
  readonly run?: Pick<Run, 'mirrored' | 'said'>;
}

export const isShifting = (status: Pick<Position, 'phase'>): boolean =>
  status.phase === 'Progressing' || status.phase === 'WaitingPromotion';

/** Phases in which no canary has a share, whatever somebody has written into the status. */
const isPromoted = ({ phase }: Position): boolean => phase === 'Initialized' || phase === 'Succeeded';

/** Statuses of the reference may hold values outside 0 to 100, or left over from another strategy. */
const bounded = (weight: number): number => Math.min(100, Math.max(0, Math.trunc(weight)));

/**
 * The weights that the routes must carry now. The kubernetes provider routes nothing: users stay with the primary.
 * In the strategies that count iterations a weight of 100 is what an earlier promotion that failed has left.
 */
export function currentWeights(canary: Routed, status: Position): Weights {
  const { analysis, provider } = canary.spec;
  if (provider === 'kubernetes' || isPromoted(status)) return allToPrimary;
  const strategy = strategyOf(analysis);
  const mirrored = status.run?.mirrored ?? false;
  if (!isShifting(status) || strategy === 'canary') return split(bounded(status.canaryWeight), mirrored);
  const routed = strategy === 'ab-testing' ? status.iterations > 0 : isAllRouted(canary, status);
  return routed || status.canaryWeight >= 100 ? allToCanary : { ...allToPrimary, mirrored };
}

/**
 * Whether Blue/Green has given the canary all traffic. More iterations than are asked for do not say so: their number may
 * have been lowered meanwhile, before promotion was approved.
 */
export const isAllRouted = ({ spec }: Routed, { iterations, run }: Position): boolean =>
  iterations > spec.analysis.iterations && run?.said.includes(allRouted) === true;

/** Whether nobody is served by the primary. In A/B testing those are whose requests don't match. */
export const isBypassed = (canary: Routed, status: Position): boolean =>
  strategyOf(canary.spec.analysis) !== 'ab-testing' && currentWeights(canary, status).primary === 0;
