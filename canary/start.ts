/** Accepting a revision: the confirm-rollout gate, the status that names it, then its pods. */
import type { Done } from './action.ts';
import type { Revision } from './canary.ts';
import { askAll } from './hooks.ts';
import { runId } from './identity.ts';
import { alerts, events } from './messages.ts';
import type { Rule } from './rule.ts';
import { change, enter, finish, need, record, say, tell } from './step.ts';
import type { Step } from './step.ts';

/**
 * Asks for approval and starts a run. The status that accepts the revision is saved first: a crash before the pods
 * are there only means that the next step asks for them again.
 */
export function* start(step: Step, revision: Revision): Rule<Done> {
  const gate = yield* askAll(step, 'confirm-rollout', {
    about: { revision },
    onPass: (passed, hook) => say(passed, events.rolloutApproved(hook)),
  });
  if (gate.refused !== undefined) {
    if (step.status.phase === 'Waiting') return finish(gate.step, 'waiting');
    const waiting = say(enter(gate.step, 'Waiting'), events.waitingForApproval(step.canary, gate.refused));
    return finish(gate.refused.muteAlert ? waiting : tell(waiting, alerts.waitingForApproval()), 'waiting');
  }
  const accepted = say(acceptRevision(gate.step, revision), events.newRevision(step.canary));
  const started = yield* record(tell(accepted, alerts.newRevision()));
  yield* need(started, { kind: 'scaleTarget', to: 'running' });
  return finish(started, 'started');
}

/**
 * The status of a run that begins. A canary that still carries all traffic, because an earlier promotion failed,
 * keeps it: its new revision is analysed under the traffic it has.
 */
export function acceptRevision(step: Step, revision: Revision): Step {
  const keptWeight = step.status.phase === 'Failed' ? step.status.canaryWeight : 0;
  const entered = enter(step, 'Progressing', {
    failedChecks: 0,
    canaryWeight: keptWeight,
    iterations: 0,
    lastAppliedSpec: revision.template,
    ...(revision.configs === undefined ? {} : { trackedConfigs: revision.configs }),
  });
  const id = runId(step.canary, revision, step.at.slot);
  return change(entered, { run: { id, lastSlot: step.at.slot, checkErrors: 0, mirrored: false, said: [] } });
}
