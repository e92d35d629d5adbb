/** What holds of a Canary that was deleted in a random history, once the disturbances have ended. */
import { oneSlot, whereabouts } from './play.ts';
import type { History } from './play.ts';
import { violated } from './violated.ts';

/** It is gone, with its traffic on the target; or it waits for pods that never come, says so, and can be let go. */
export function checkDeleted(history: History): void {
  const { session, latest } = history;
  if (!session.isGone() && latest.starts) violated(9, `not let go: ${whereabouts(history)}`);
  if (!session.isGone()) checkStalled(history);
  if (history.mayLose) return;
  checkTraffic(history);
  for (const said of ['Terminating canary podinfo.test', 'Terminated canary podinfo.test'])
    checkSaidOnce(history, said);
}

function checkStalled(history: History): void {
  const { session } = history;
  const { status } = session.canary();
  const stalled = status.conditions.find(({ type }) => type === 'Stalled');
  if (stalled?.message.includes('set spec.revertOnDeletion to false') !== true) {
    violated(9, `waits and does not say so: ${whereabouts(history)}`);
  }
  session.edit({ revertOnDeletion: false });
  history.mayLose = true;
  oneSlot(history, {});
  if (!session.isGone()) violated(9, `kept against the user's will: ${whereabouts(history)}`);
}

function checkTraffic(history: History): void {
  const { target, routes, apexServesPrimary } = history.cluster.state();
  if (target.replicas > 0 && routes === undefined && !apexServesPrimary) return;
  violated(4, `not given back: ${whereabouts(history)}`);
}

function checkSaidOnce({ session }: History, text: string): void {
  const said = session.delivered().filter(({ announcement: one }) => 'message' in one && one.message === text);
  if (said.length !== 1) violated(8, `said ${said.length} times: ${text}`);
}
