/** Whether the pods of a workload count as ready for a run. Rules: spec of targets, section 6. */
import type { Readiness, TargetFact, WorkloadFact } from './action.ts';
import { changeRun, runOf } from './step.ts';
import type { Step } from './step.ts';

/**
 * Pods that were ready once at the wanted count are enough, even if an autoscaler raises that count later: more load is
 * no reason to hold a run up or to take it back.
 *
 * @param steady how many pods the workload had when it was last seen ready in this run
 */
export function readinessOf({ readiness, replicas, available }: WorkloadFact, steady: number | undefined): Readiness {
  if (readiness.kind === 'ready' || steady === undefined || available === undefined) return readiness;
  return replicas > steady && steady > 0 && available >= steady ? { kind: 'ready' } : readiness;
}

/** Remembers how many pods were ready, so that more of them later are no reason to wait. */
export function noteSteady(step: Step, { target, primary }: TargetFact): Step {
  const known = runOf(step).steady ?? {};
  const canary = countOf(target, known.canary);
  const serving = primary === undefined ? known.primary : countOf(primary, known.primary);
  if (canary === known.canary && serving === known.primary) return step;
  return changeRun(step, {
    steady: {
      ...(canary === undefined ? {} : { canary }),
      ...(serving === undefined ? {} : { primary: serving }),
    },
  });
}

/** The primary is another revision from now on. */
export function forgetPrimary(step: Step): Step {
  const { primary, ...steady } = runOf(step).steady ?? {};
  return primary === undefined ? step : changeRun(step, { steady });
}

const countOf = ({ readiness, replicas }: WorkloadFact, known: number | undefined): number | undefined =>
  readiness.kind === 'ready' ? replicas : known;

/** Whether it has pods that answer. */
export const serves = ({ replicas, readiness }: WorkloadFact): boolean => replicas > 0 && readiness.kind === 'ready';
