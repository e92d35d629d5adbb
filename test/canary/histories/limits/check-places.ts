/**
 * What holds of canaries that share places, at every answer and after every step.
 *
 * - No run is given a place while as many go on as may. More can go on only where a run does not ask: a promotion that had
 *   failed and is taken up again, and what another controller had begun. Those count for the next one that asks.
 * - Of a namespace, who has waited longest comes first.
 * - A place that is free is given to somebody who waits, soon after the last disturbance.
 * - Undisturbed, the line is made of those whose status says that they wait and who have asked in the last two minutes, and
 *   each is told its place in it, as it was a second ago at most, beside the runs that the statuses tell of.
 * - Who has a run asks for nothing: roll-backs, restarts and promotions wait for nobody.
 */
import { isDeepStrictEqual } from 'node:util';
import { isRunPhase } from '../../../../canary/canary.ts';
import type { PlaceAnswer } from '../../../../canary/queued.ts';
import { keyText } from '../../../../queue/step-job.ts';
import { intervalsKept, keptMs, settlingMs } from '../../../../worker/runs/place-sets.ts';
import { limitOf, placesFor } from '../../../../worker/runs/places.ts';
import { standingMs } from '../../../../worker/runs/run-places.ts';
import { violated } from '../violated.ts';
import { isQueued, isRunning } from './members.ts';
import type { Crowd, Member } from './members.ts';
import type { PlacesModel } from './places-model.ts';

const longestIntervalMs = 60_000;
/** A place that is held for nobody is given to another so much later, in milliseconds. */
const heldMs = Math.max(keptMs, intervalsKept * longestIntervalMs);
/** From a disturbance until everything is as the statuses say: a place that is held, new sets, and a step of each. */
export const settledMs = heldMs + settlingMs + 2 * longestIntervalMs;

interface Answered {
  readonly answer: PlaceAnswer;
  /** It had a place already, which a step has asked for that died, or of a run that has not given it back. */
  readonly held: boolean;
  /** Who waited when it asked. */
  readonly line: ReturnType<PlacesModel['line']>;
  readonly since: number;
  readonly now: number;
}

export function checkAnswer(crowd: Crowd, member: Member, answered: Answered): void {
  const { answer } = answered;
  const { phase } = member.session.canary().status;
  if (isRunPhase(phase)) violated(9, `a run in ${phase} asked for a place`);
  if (answer.kind === 'admitted') checkAdmission(crowd, member, answered);
  if (answer.kind === 'queued') checkPosition(crowd, member, answered);
}

function checkAdmission(crowd: Crowd, member: Member, answered: Answered): void {
  const {
    members,
    shape: { limits },
  } = crowd;
  const counts = (one: Member): boolean => !one.isUnasked || (one.isKept && !answered.held);
  const known = members.filter((one) => one !== member && isRunning(one) && counts(one));
  const ofHome = known.filter(({ key }) => key.namespace === member.key.namespace);
  const most = limitOf(limits, member.key.namespace);
  if (known.length >= (limits.cluster ?? Infinity)) violated(11, `a place was given beside ${known.length} runs`);
  if (ofHome.length >= most) violated(11, `a place was given beside ${ofHome.length} of ${most} runs of its namespace`);
  if (!answered.held && answered.now - crowd.befellAt >= settledMs) checkOrder(member, answered);
}

function checkOrder({ key: { namespace, ...rest } }: Member, { line, since, now }: Answered): void {
  const mine = keyText({ namespace, ...rest });
  const own = line.find(({ key }) => key === mine)?.since ?? since;
  const asks = line.filter((one) => one.namespace === namespace && now - one.askedAt < keptMs);
  const earlier = asks.find((one) => one.since < own);
  if (earlier !== undefined) violated(11, `a place was given before ${earlier.key}, who has waited longer`);
}

/** Runs that asked are never more than may go on, whoever died, hears late or emptied Redis. */
export function checkRuns({ members, shape: { limits } }: Crowd): void {
  const asked = members.filter((one) => isRunning(one) && !one.isUnasked);
  if (asked.length > (limits.cluster ?? Infinity)) violated(11, `${asked.length} of ${limits.cluster} runs go on`);
  for (const { key } of asked) {
    const ofHome = asked.filter((one) => one.key.namespace === key.namespace).length;
    const most = limitOf(limits, key.namespace);
    if (ofHome > most) violated(11, `${ofHome} of ${most} runs of ${key.namespace} go on`);
  }
}

/** Nobody waits for long while there is a place for them. */
export function checkFree(crowd: Crowd): void {
  const isWaste = crowd.members.some((one) => mayBegin(crowd, one));
  crowd.freeSince = isWaste ? Math.max(crowd.freeSince ?? crowd.now, crowd.befellAt) : undefined;
  const forMs = crowd.now - (crowd.freeSince ?? crowd.now);
  if (forMs > settledMs) violated(9, `a place was free for ${forMs} ms while somebody waited for it`);
}

function mayBegin({ members, shape: { limits } }: Crowd, member: Member): boolean {
  const { spec, deleting } = member.session.canary();
  if (!isQueued(member) || spec.suspend || deleting) return false;
  const running = members.filter(isRunning);
  const ofHome = running.filter(({ key }) => key.namespace === member.key.namespace);
  return running.length < (limits.cluster ?? Infinity) && ofHome.length < limitOf(limits, member.key.namespace);
}

function checkPosition(crowd: Crowd, member: Member, { answer, now }: Answered): void {
  if (now - crowd.befellAt < settledMs || now - crowd.movedAt < standingMs) return;
  const { members, places, shape } = crowd;
  const line = places.line();
  const queued = new Set(members.filter(isQueued).map(({ key }) => keyText(key)));
  const ghost = line.find(({ key, askedAt }) => !queued.has(key) && now - askedAt >= keptMs + longestIntervalMs);
  if (ghost !== undefined) violated(10, `${ghost.key} is in the line and wants no place`);
  const inLine = new Set(line.map(({ key }) => key));
  for (const key of queued) if (!inLine.has(key)) violated(10, `${key} waits and is not in the line`);
  const truth = placesFor(shape.limits, { waiting: line, runs: runsOf(members) }).get(keyText(member.key));
  if (isDeepStrictEqual(truth, answer)) return;
  violated(10, `told ${JSON.stringify(answer)} where the statuses say ${JSON.stringify(truth)}`);
}

function runsOf(members: readonly Member[]): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const { key } of members.filter(isRunning)) runs.set(key.namespace, (runs.get(key.namespace) ?? 0) + 1);
  return runs;
}
