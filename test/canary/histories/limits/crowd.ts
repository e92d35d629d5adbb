/** Canaries that share the places of runs: each with a cluster and slots of its own, their steps taken by several workers. */
import { isRunPhase } from '../../../../canary/canary.ts';
import type { Canary } from '../../../../canary/canary.ts';
import type { PlaceAnswer } from '../../../../canary/queued.ts';
import { keyText } from '../../../../queue/step-job.ts';
import { createSimulatedCluster } from '../../../../sandbox/simulated/cluster.ts';
import type { SimulatedCluster } from '../../../../sandbox/simulated/cluster.ts';
import { createSession } from '../../../../sandbox/simulated/session.ts';
import { placeMove } from '../../../../worker/step/settle-accounts.ts';
import { beforeHistory } from '../before.ts';
import { canaryOf } from '../shape.ts';
import { checkAnswer, checkFree, checkRuns } from './check-places.ts';
import { workers } from './happenings.ts';
import type { CrowdShape } from './happenings.ts';
import { isQueued, isRunning } from './members.ts';
import type { Crowd, Member } from './members.ts';
import { createPlacesModel } from './places-model.ts';
import type { Heard } from './places-model.ts';

export const start = 2_000_000_000_000;

export function gather(shape: CrowdShape): Crowd {
  const nobody: Heard = { running: new Set(), queued: new Map() };
  const ears = Array.from({ length: workers }, () => ({ deafUntil: 0, heard: nobody }));
  const crowd: Crowd = {
    shape,
    places: createPlacesModel({ limits: shape.limits, heard: (worker) => hear(crowd, worker) }),
    members: shape.members.map((_, index) => join(shape, index, (member) => askingOf(member, () => crowd))),
    ears,
    now: start,
    steps: 0,
    befellAt: start,
    movedAt: start,
    freeSince: undefined,
  };
  return crowd;
}

const intervalOf = ({ session }: Member): number => session.canary().spec.analysis.intervalMs;

type Asking = (cluster: SimulatedCluster) => SimulatedCluster;

function join(shape: CrowdShape, index: number, asking: (member: () => Member) => Asking): Member {
  const given = shape.members[index] as CrowdShape['members'][number];
  const { latest, first, initial, canary } = beforeHistory(given);
  const key = { namespace: `team-${given.home}`, name: `app-${index}`, uid: `${index}1a2b3c4-0000` };
  const named: Canary = {
    ...canaryOf(given, { interval: given.interval }),
    ...key,
    status: canary.status,
    isLimited: true,
  };
  const cluster = createSimulatedCluster(first, given.podStart, initial);
  const session = createSession(named, asking(() => member)(cluster));
  const { intervalMs } = named.spec.analysis;
  const offset = (index * 7_331) % intervalMs;
  const isUnasked = isRunPhase(canary.status.phase);
  const member: Member = {
    key,
    session,
    cluster,
    isAutoscaled: given.isAutoscaled,
    latest,
    dueAt: Math.ceil(start / intervalMs) * intervalMs + offset,
    next: {},
    isUnasked,
    isKept: false,
  };
  return member;
}

/** Has the question for a place answered by the places of the crowd, and each answer checked. */
function askingOf(member: () => Member, crowd: () => Crowd): Asking {
  return (cluster) => ({
    ...cluster,
    perform(action, now) {
      if (action.kind !== 'admitRun') return cluster.perform(action, now);
      const { places, steps } = crowd();
      const before = { held: places.taken().has(keyText(member().key)), line: places.line() };
      const answer: PlaceAnswer = places.admit(member().key, { worker: steps % workers, since: action.since, now });
      checkAnswer(crowd(), member(), { ...before, answer, since: action.since, now });
      return { ok: true, value: answer };
    },
  });
}

/** What the watch of a worker has told it by now. */
function hear(crowd: Crowd, worker: number): Heard {
  const ear = crowd.ears[worker];
  if (ear === undefined) throw new Error(`expected a worker below ${workers}, got ${worker}`);
  if (crowd.now >= ear.deafUntil) ear.heard = statusesOf(crowd);
  return ear.heard;
}

export function deafen(crowd: Crowd, worker: number, ms: number): void {
  const ear = crowd.ears[worker];
  if (ear === undefined || crowd.now < ear.deafUntil) return;
  ear.heard = statusesOf(crowd);
  ear.deafUntil = crowd.now + ms;
}

const statusesOf = ({ members }: Crowd): Heard => ({
  running: new Set(members.filter(isRunning).map(({ key }) => keyText(key))),
  queued: new Map(members.filter(isQueued).map((one) => [keyText(one.key), intervalOf(one)])),
});

/** Whoever is due has a step, one after the other, until so much time has passed. */
export function pass(crowd: Crowd, ms: number): void {
  const until = crowd.now + ms;
  for (;;) {
    const [next] = crowd.members.toSorted((a, b) => a.dueAt - b.dueAt);
    if (next === undefined || next.dueAt > until) break;
    crowd.now = next.dueAt;
    next.dueAt += intervalOf(next);
    step(crowd, next);
  }
  crowd.now = until;
}

export function step(crowd: Crowd, member: Member): void {
  const { session, cluster, next } = member;
  if (session.isGone()) return;
  member.next = {};
  crowd.steps += 1;
  if (member.isAutoscaled) cluster.autoscale(crowd.now);
  const before = session.canary();
  const wasStanding = [isRunning(member), isQueued(member)];
  const outcome = session.step(crowd.now, next);
  note(crowd, member, before);
  if (next.losesAccounts !== true && outcome !== 'died' && outcome !== 'conflict') settle(crowd, member, before);
  if (isRunning(member) !== wasStanding[0] || isQueued(member) !== wasStanding[1]) crowd.movedAt = crowd.now;
  checkRuns(crowd);
  checkFree(crowd);
}

/** Whether it has asked for the run that it is in now. */
function note(crowd: Crowd, member: Member, before: Canary): void {
  const { session } = member;
  const isNew = isRunning(member) && !isRunPhase(before.status.phase);
  if (!isRunning(member)) member.isKept = false;
  if (!isNew) return;
  const last = session.performed().findLast(({ action }) => action.kind === 'admitRun');
  // A step that was overtaken has asked a moment later.
  const hasAsked = last !== undefined && last.at >= crowd.now && last.outcome.ok;
  member.isUnasked = !hasAsked;
  member.isKept = hasAsked;
}

function settle({ places, now }: Crowd, member: Member, before: Canary): void {
  const { key, session } = member;
  const { status } = session.canary();
  switch (placeMove(before.status, status)) {
    case 'keep':
      places.keep(key, { intervalMs: before.spec.analysis.intervalMs, now });
      member.isKept = true;
      return;
    case 'leave':
      places.leave(key);
      return;
    default:
  }
}
