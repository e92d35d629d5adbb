/** Canaries in the middle of their lives, and what is seen of their target: the left side of a row. */
import type { Readiness, TargetFact, WorkloadFact } from '../../canary/action.ts';
import type { Canary, CanaryStatus, Decision, Phase, Run } from '../../canary/canary.ts';
import { present } from '../../canary/parse-fields.ts';
import { intervalMs, storyCanary } from './story.ts';

/** When the step of every row takes place, unless the row says otherwise. */
export const usual = { now: Date.parse('2026-03-01T12:00:00.000Z'), slot: 100 } as const;

export interface Situation {
  readonly analysis?: object;
  readonly spec?: object;
  readonly weight?: number;
  readonly iterations?: number;
  readonly failedChecks?: number;
  /** What was last decided on; null for a status that names none. */
  readonly applied?: string | null;
  readonly promoted?: string | null;
  readonly configs?: Readonly<Record<string, string>>;
  readonly decision?: Decision;
  readonly owed?: 'Succeeded' | 'Failed';
  readonly checkErrors?: number;
  readonly mirrored?: boolean;
  /** Milliseconds for which the run has been waiting. */
  readonly waited?: number;
  /** Milliseconds since the last step of the run, and its slot; one interval and the slot before this one. */
  readonly lastStep?: number;
  readonly lastSlot?: number;
  readonly said?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Milliseconds for which the canary has had no traffic. */
  readonly drained?: number;
  /** Pods that were asked of the primary, and how many milliseconds ago. */
  readonly sizing?: readonly [replicas: number, ago: number, own?: number];
  /** How many pods were last seen ready. */
  readonly steady?: Run['steady'];
  /** Of session affinity, as `name=value`. */
  readonly canaryCookie?: string;
  readonly primaryCookie?: string;
  readonly previousCookie?: string;
  /** A status that the reference has written: nothing in it is ours. */
  readonly isForeign?: boolean;
}

export const running: readonly (Phase | undefined)[] = ['Progressing', 'WaitingPromotion', 'Promoting', 'Finalising'];

const atRest = { weight: 0, iterations: 0, failedChecks: 0 } as const;

/** The story's Canary in a phase; undefined is that of a new object. Revisions are called v1-one, v1-two and so on. */
export function inPhase(phase: Phase | undefined, situation: Situation = {}): Canary {
  const given = { ...atRest, applied: appliedIn(phase), promoted: promotedIn(phase), ...situation };
  const hasRun = phase !== undefined && situation.isForeign !== true;
  const status: CanaryStatus = present({
    phase,
    failedChecks: given.failedChecks,
    canaryWeight: given.weight,
    iterations: given.iterations,
    lastAppliedSpec: given.applied ?? undefined,
    lastPromotedSpec: given.promoted ?? undefined,
    trackedConfigs: given.configs,
    sessionAffinityCookie: situation.canaryCookie,
    primarySessionAffinityCookie: situation.primaryCookie,
    previousSessionAffinityCookie: situation.previousCookie,
    conditions: [],
    outbox: [],
    run: hasRun ? runOf(phase, situation) : undefined,
  });
  return { ...storyCanary(situation.analysis, situation.spec, situation.annotations), status };
}

const isNew = (phase: Phase | undefined): boolean => phase === undefined || phase === 'Initializing';
const hasFailed = (phase: Phase | undefined): boolean => phase === 'Failed' || running.includes(phase);

function appliedIn(phase: Phase | undefined): string | null {
  if (isNew(phase)) return null;
  return hasFailed(phase) ? 'v1-two' : 'v1-one';
}

const promotedIn = (phase: Phase | undefined): string | null => (isNew(phase) ? null : 'v1-one');

function runOf(phase: Phase, situation: Situation): Run {
  const { lastStep = intervalMs, waited, drained } = situation;
  return present({
    id: 'run-two',
    lastStepTime: running.includes(phase) ? ago(lastStep) : undefined,
    lastSlot: situation.lastSlot ?? usual.slot - 1,
    waitingSince: waited === undefined ? undefined : ago(waited),
    drainingSince: drained === undefined ? undefined : ago(drained),
    sizing: sizingOf(situation.sizing),
    steady: situation.steady,
    decision: situation.decision,
    owed: situation.owed,
    checkErrors: situation.checkErrors ?? 0,
    mirrored: situation.mirrored ?? false,
    said: situation.said ?? [],
  });
}

function sizingOf(given: Situation['sizing']): Run['sizing'] {
  if (given === undefined) return undefined;
  const [replicas, since, own = 0] = given;
  return { replicas, own, since: ago(since) };
}

const ago = (ms: number): string => new Date(usual.now - ms).toISOString();

type Pods = 'ready' | 'waiting' | 'stuck';

/** What differs from a target and a primary as the status leads one to expect them. */
export interface Seen {
  readonly revision?: string;
  /** Undefined where they are not tracked; left out, they are those of the status. */
  readonly configs?: Readonly<Record<string, string>> | undefined;
  readonly target?: Pods | 'none';
  readonly primary?: Pods | 'absent';
  readonly equalsTarget?: boolean;
  readonly flaggerId?: string;
  /** How many pods they have; one each. */
  readonly pods?: { readonly target?: number; readonly primary?: number };
  /** How many of them answer; left out where nobody counts. */
  readonly available?: { readonly target?: number; readonly primary?: number };
}

export const whyWaiting = 'waiting for rollout to finish: 0 of 1 (readyThreshold 100%) updated replicas are available';
export const whyStuck = 'deployment "podinfo" exceeded its progress deadline';

const readiness: Readonly<Record<Pods, Readiness>> = {
  ready: { kind: 'ready' },
  waiting: { kind: 'waiting', why: whyWaiting },
  stuck: { kind: 'stuck', why: whyStuck },
};

/** Target and primary as they are in the phase when nothing is wrong, with the row's differences. */
export function seenOf({ status }: Canary, seen: Seen = {}): TargetFact {
  const template = seen.revision ?? expectedRevision(status.phase, status.lastAppliedSpec);
  const configs = 'configs' in seen ? seen.configs : status.trackedConfigs;
  return present({
    revision: present({ template, configs }),
    target: countedPods(podsOf(seen.target ?? (isParked(status) ? 'none' : 'ready')), seen, 'target'),
    primary: seen.primary === 'absent' ? undefined : primaryOf(seen, isCopied(status, template)),
  });
}

function primaryOf(seen: Seen, isCopy: boolean): TargetFact['primary'] {
  const { primary = 'ready', equalsTarget = isCopy, flaggerId } = seen;
  const pods = countedPods(podsOf(primary === 'absent' ? 'ready' : primary), seen, 'primary');
  return present({ ...pods, equalsTarget, flaggerId });
}

const countedPods = (pods: WorkloadFact, seen: Seen, of: 'target' | 'primary'): WorkloadFact =>
  present({ ...pods, replicas: seen.pods?.[of] ?? pods.replicas, available: seen.available?.[of] });

const podsOf = (pods: Pods | 'none'): TargetFact['target'] =>
  pods === 'none' ? { replicas: 0, readiness: readiness.ready } : { replicas: 1, readiness: readiness[pods] };

function isCopied({ phase, lastAppliedSpec, lastPromotedSpec, run }: CanaryStatus, template: string): boolean {
  if (phase === 'Failed' && run?.decision?.kind === 'promote') return template === lastAppliedSpec;
  return isNew(phase) || phase === 'Promoting' || phase === 'Finalising' || template === lastPromotedSpec;
}

function expectedRevision(phase: Phase | undefined, applied: string | undefined): string {
  if (isNew(phase)) return 'v1-one';
  return phase === 'Waiting' || applied?.startsWith('v1-') !== true ? 'v1-two' : applied;
}

const isParked = ({ phase, canaryWeight }: CanaryStatus): boolean =>
  !isNew(phase) && !running.includes(phase) && canaryWeight === 0;
