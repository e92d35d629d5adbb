/** Canaries that histories are about: strategy, hooks, pods, and who has looked after them before. */
import fc from 'fast-check';
import type { Canary, CanaryStatus, Phase } from '../../../canary/canary.ts';
import { hooks } from '../rows.ts';
import { storyCanary } from '../story.ts';

export const analyses: readonly object[] = [
  {},
  { stepWeight: 20 },
  { stepWeight: undefined, stepWeights: [1, 10, 60] },
  { stepWeightPromotion: 30 },
  { maxWeight: undefined, stepWeight: undefined, iterations: 2 },
  { maxWeight: undefined, stepWeight: undefined, iterations: 2, mirror: true },
  { mirror: true },
  { sessionAffinity: { cookieName: 'flagger-cookie', maxAge: 3600 } },
  { stepWeightPromotion: 30, sessionAffinity: { cookieName: 'flagger-cookie', primaryCookieName: 'primary-cookie' } },
  { maxWeight: undefined, stepWeight: undefined, iterations: 2, match: [{ headers: { 'x-try': { exact: 'it' } } }] },
];

export const intervals = ['15s', '30s', '60s'] as const;

/** Phases in which the reference may have left a Canary. */
const leftIn: readonly (Phase | undefined)[] = [
  undefined,
  undefined,
  undefined,
  'Initialized',
  'Waiting',
  'Progressing',
  'WaitingPromotion',
  'Promoting',
  'Finalising',
  'Succeeded',
  'Failed',
];

export interface Shape {
  readonly analysis: number;
  readonly hasGates: boolean;
  readonly skipAnalysis: boolean;
  /** Milliseconds until pods are ready. */
  readonly podStart: number;
  readonly drainMs: number;
  readonly isAutoscaled: boolean;
  /** The phase in which the reference has left it; undefined for a new one. */
  readonly takenOver: Phase | undefined;
}

export const shape: fc.Arbitrary<Shape> = fc.record({
  analysis: fc.integer({ min: 0, max: analyses.length - 1 }),
  hasGates: fc.boolean(),
  skipAnalysis: fc.constantFrom(false, false, false, true),
  // Within a slot, and longer than one.
  podStart: fc.constantFrom(7_000, 40_000),
  drainMs: fc.constantFrom(0, 10_000, 45_000),
  isAutoscaled: fc.boolean(),
  takenOver: fc.constantFrom(...leftIn),
});

const gates = hooks(
  ['confirm-rollout', 'rollout-gate'],
  ['confirm-traffic-increase', 'traffic-gate'],
  ['confirm-promotion', 'promotion-gate'],
  ['rollback', 'rollback-gate'],
  ['post-rollout', 'report'],
);

const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };

/** The Canary of a shape with other fields of its analysis. */
export function canaryOf(given: Shape, analysis: object = {}): Canary {
  const { hasGates, isAutoscaled, skipAnalysis, drainMs } = given;
  const spec = {
    provider: 'istio',
    revertOnDeletion: true,
    skipAnalysis,
    ...(isAutoscaled ? { autoscalerRef } : {}),
  };
  const whole = { ...(hasGates ? gates : {}), ...analyses[given.analysis], ...analysis };
  return storyCanary(whole, spec, { 'aviary.dev/drain-delay': `${drainMs}ms` });
}

/** As the reference leaves it: with hashes of its own, and without any bookkeeping of ours. */
export function foreignStatus(phase: Phase, weight: number): CanaryStatus {
  return {
    phase,
    failedChecks: 0,
    canaryWeight: weight,
    iterations: 0,
    lastAppliedSpec: phase === 'Succeeded' || phase === 'Initialized' ? '5f56684589' : '68dfd8fb9c',
    lastPromotedSpec: '5f56684589',
    trackedConfigs: { 'configmap/podinfo': 'c0' },
    conditions: [],
    outbox: [],
  };
}
