/** The finalizer that keeps a Canary until its target serves again. Rules: spec of the state machine, section 10. */
import { need } from './step.ts';
import type { Rule } from './rule.ts';
import type { Step } from './step.ts';

/** The reference's name: whichever of the two controllers put it there, the other takes it away. */
export const finalizerName = 'finalizer.flagger.app';

export const hasFinalizer = ({ finalizers }: { readonly finalizers: readonly string[] }): boolean =>
  finalizers.includes(finalizerName);

/** A living Canary carries it exactly while `revertOnDeletion` is set, and before anything is taken over. */
export function* keepFinalizer(step: Step): Rule<void> {
  const { revertOnDeletion } = step.canary.spec;
  if (hasFinalizer(step.canary) === revertOnDeletion) return;
  yield* need(step, { kind: 'setFinalizer', present: revertOnDeletion });
}
