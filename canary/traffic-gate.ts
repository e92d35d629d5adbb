/** The confirm-traffic-increase gate of the weighted strategy. A refusal is not a failed check. */
import { askAll, whyShut } from './hooks.ts';
import { alerts, events } from './messages.ts';
import { forgotten, isNoted, noted, waitingForTraffic } from './notes.ts';
import { end } from './rule.ts';
import type { Rule } from './rule.ts';
import { because, clearRun, finish, say, tell } from './step.ts';
import type { Step } from './step.ts';

/** Said at every refusal, alerted once per streak of refusals. A gate that was passed is not asked while promotion waits. */
export function* confirmTraffic(step: Step): Rule<Step> {
  if (step.status.phase !== 'Progressing') return step;
  const round = yield* askAll(step, 'confirm-traffic-increase', {
    onPass: (passed, hook) => say(passed, events.trafficApproved(hook)),
  });
  if (round.refused === undefined) return forgotten(round.step, waitingForTraffic);
  // A gate may stay shut for ever: it is no wait that the deadline counts.
  const patient = clearRun(round.step, 'waitingSince');
  const text = events.waitingForTraffic(step.canary, round.refused);
  const refused = because(say(patient, text), whyShut(text, round.detail));
  if (isNoted(refused, waitingForTraffic) || round.refused.muteAlert) return yield* end(finish(refused, 'waiting'));
  return yield* end(finish(tell(noted(refused, waitingForTraffic), alerts.waitingForTraffic()), 'waiting'));
}
