/** The confirm-traffic-increase gate of the weighted strategy. A refusal is not a failed check. */
import { askAll } from './hooks.ts';
import { alerts, events } from './messages.ts';
import { end } from './rule.ts';
import type { Rule } from './rule.ts';
import { changeRun, finish, runOf, say, tell } from './step.ts';
import type { Step } from './step.ts';

const streak = 'waiting for traffic';

/** Said at every refusal, alerted once per streak of refusals. A gate that was passed is not asked while promotion waits. */
export function* confirmTraffic(step: Step): Rule<Step> {
  if (step.status.phase !== 'Progressing') return step;
  const round = yield* askAll(step, 'confirm-traffic-increase', {
    onPass: (passed, hook) => say(passed, events.trafficApproved(hook)),
  });
  const { said } = runOf(round.step);
  if (round.refused === undefined) {
    return said.includes(streak) ? changeRun(round.step, { said: said.filter((key) => key !== streak) }) : round.step;
  }
  const refused = say(round.step, events.waitingForTraffic(step.canary, round.refused));
  if (said.includes(streak) || round.refused.muteAlert) return yield* end(finish(refused, 'waiting'));
  const noted = changeRun(refused, { said: [...said, streak] });
  return yield* end(finish(tell(noted, alerts.waitingForTraffic()), 'waiting'));
}
