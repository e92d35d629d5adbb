/** What there is before the first slot of a history: nothing but the target, or what the reference has made of it. */
import type { Canary, Phase } from '../../../canary/canary.ts';
import { strategyOf } from '../../../canary/spec.ts';
import type { ClusterState, Release, Workload } from '../../../sandbox/simulated/workloads.ts';
import { failing, good } from '../story.ts';
import { canaryOf, foreignStatus } from './shape.ts';
import type { Shape } from './shape.ts';

export interface Beginning {
  /** What the target runs. */
  readonly first: Release;
  readonly latest: Release;
  readonly initial: Partial<ClusterState>;
  readonly canary: Canary;
}

const oldest: Release = { ...good('r0'), config: 'c0' };

export function beforeHistory(shape: Shape): Beginning {
  const canary = canaryOf(shape);
  const { takenOver } = shape;
  if (takenOver === undefined) return { first: oldest, latest: oldest, initial: {}, canary };
  const latest = latestIn(takenOver);
  const hasShare = strategyOf(canary.spec.analysis) === 'canary' && ['Progressing', 'Promoting'].includes(takenOver);
  const weight = hasShare ? 20 : 0;
  return {
    first: latest,
    latest,
    initial: leftBehind(takenOver, latest, weight),
    canary: { ...canary, status: foreignStatus(takenOver, weight) },
  };
}

function latestIn(phase: Phase): Release {
  if (phase === 'Initialized' || phase === 'Succeeded') return oldest;
  return { ...(phase === 'Failed' ? failing('r1-failing') : good('r1-good')), config: 'c0' };
}

function leftBehind(phase: Phase, latest: Release, weight: number): Partial<ClusterState> {
  const hasPods = ['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'].includes(phase);
  const primary = phase === 'Promoting' || phase === 'Finalising' ? latest : oldest;
  return {
    target: workload(latest, hasPods ? 1 : 0),
    primary: { ...workload(primary, 1), flaggerId: 'drawn by the reference' },
    routes: { primary: 100 - weight, canary: weight, mirrored: false },
    apexServesPrimary: true,
  };
}

const workload = (release: Release, replicas: number): Workload => ({ release, replicas, readyAt: 0, kept: 0 });
