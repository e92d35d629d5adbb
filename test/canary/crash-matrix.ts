/**
 * The crash matrix: every story is played again once for each action of each step and each side of it, with a worker
 * that dies there. Another worker takes the job over within the slot, or the next slot goes on, and the end must be that of the undisturbed run,
 * with no second effect in sight. So it is once for each write of each step, with somebody else who writes the Canary right
 * before, so that the step comes too late. Rules: invariants 5, 7 and 8 of the design.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Action, Outcome } from '../../canary/action.ts';
import { stableJson } from '../../platform/hash.ts';
import { createSimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { Saving } from '../../sandbox/simulated/run-step.ts';
import { createSession } from '../../sandbox/simulated/session.ts';
import type { Session } from '../../sandbox/simulated/session.ts';
import { isQuestion } from '../../sandbox/simulated/step-world.ts';
import type { Crash, StepOptions } from '../../sandbox/simulated/step-world.ts';
import type { Workload } from '../../sandbox/simulated/workloads.ts';
import { stories } from './crash-stories.ts';
import type { Stage, Story } from './crash-stories.ts';
import { good, intervalMs } from './story.ts';

export interface Point {
  /** The slot of the story, from 0. */
  readonly slot: number;
  readonly action: number;
  /** Before or after it the worker dies; or right before it somebody else writes the Canary. */
  readonly when: Crash['when'] | 'overtaken';
}

/** One action of an undisturbed run. */
export interface Performed {
  readonly slot: number;
  readonly action: number;
  /** The phase that the status says at that moment. */
  readonly phase: string;
  /** A round of questions counts as each of its questions too. */
  readonly kinds: readonly string[];
  /** Else it changes nothing, and nobody minds that the Canary has moved on. */
  readonly isWrite: boolean;
}

interface Call {
  readonly key: string;
  /** Hook and revision. */
  readonly question: string;
  readonly passed: boolean;
}

export interface Played {
  readonly performed: readonly Performed[];
  readonly end: Readonly<Record<string, unknown>>;
}

const podStart = 5_000;
const takeoverMs = 2_000;
const mostSlots = 60;
/** Long enough for an autoscaler to be let go (canary/sizing.ts). */
const quietSlots = 12;

/** Plays a story until nothing is saved any more. */
export function play(story: Story, point?: Point): Played {
  const cluster = createSimulatedCluster(good('one'), podStart);
  const calls: Call[] = [];
  const watched = watch(cluster, calls, ({ hook }) =>
    story.passes?.(hook, session.canary().status, cluster.state().routes?.canary ?? 0),
  );
  const session: Session = createSession(story.canary, watched.cluster);
  const stage: Stage = { session, cluster, now: 2_000_000_010_000 };
  const performed: Performed[] = [];
  const pending = [...story.happenings];
  const isWatched = (): boolean => story.withBootstrap === true || pending.length < story.happenings.length;
  const note = (one: Performed): unknown => isWatched() && performed.push(one);
  for (let slot = 0, quiet = 0; slot < mostSlots && quiet < quietSlots; slot += 1, stage.now += intervalMs) {
    const saves = session.saved().length;
    if (pending[0]?.when(session.canary().status) === true) pending.shift()?.what(stage);
    if (story.canary.spec.scaler !== undefined) cluster.autoscale(stage.now);
    takeSlot(stage, { slot, point, note, losesJob: story.losesJob });
    quiet = session.saved().length === saves ? quiet + 1 : 0;
  }
  if (pending.length > 0) throw new Error(`${story.title}: the story did not come to its end`);
  return { performed, end: endOf(stage, watched.rollouts(), calls) };
}

interface Slot {
  readonly slot: number;
  readonly point: Point | undefined;
  readonly note: (one: Performed) => void;
  readonly losesJob: boolean | undefined;
}

function takeSlot({ session, now }: Stage, { slot, point, note, losesJob }: Slot): void {
  let action = 0;
  const watchAction = (what: Action | Saving): void => {
    action += 1;
    const phase = session.canary().status.phase ?? '(new)';
    note({ slot, action, phase, kinds: kindsOf(what), isWrite: !isQuestion(what) });
  };
  const misfortune = point?.slot === slot ? befalling(session, point) : {};
  const ended = session.step(now, { watch: watchAction, ...misfortune });
  if (point?.slot === slot && point.when === 'overtaken' && ended !== 'conflict')
    throw new Error(`expected a conflict, got ${ended}`);
  if ((ended === 'died' || ended === 'conflict') && losesJob !== true) session.step(now + takeoverMs);
}

const befalling = ({ touch }: Session, { action, when }: Point): StepOptions =>
  when === 'overtaken' ? { before: { action, run: touch } } : { crash: { action, when } };

const kindsOf = (what: Action | Saving): readonly string[] =>
  what.kind === 'together' ? ['together', ...new Set(what.actions.map(({ kind }) => kind))] : [what.kind];

type HookCall = Extract<Action, { kind: 'callHook' }>;

/**
 * A cluster whose hooks answer as the story says, and that counts the rollouts of its primary. The receiver knows a
 * question by its key and gives the answer of the first time: that is what the key is for.
 */
function watch(cluster: SimulatedCluster, calls: Call[], passes: (call: HookCall) => boolean | undefined) {
  let rollouts = 0;
  const answer = (call: HookCall): Outcome => {
    const { hook, checksum, idempotencyKey: key } = call;
    const known = calls.find((one) => one.key === key);
    const passed = known?.passed ?? passes(call) ?? hook.type !== 'rollback';
    calls.push({ key, question: `${hook.type}/${hook.name}/${checksum}`, passed });
    return { ok: true, value: { passed, detail: passed ? '' : 'no' } };
  };
  const copy = (): string => JSON.stringify(workload(cluster.state().primary), ['release', 'flaggerId']);
  const perform = (action: Action, now: number): Outcome => {
    if (action.kind === 'callHook') return answer(action);
    const before = copy();
    const outcome = cluster.perform(action, now);
    if (copy() !== before) rollouts += 1;
    return outcome;
  };
  return { cluster: { ...cluster, perform }, rollouts: () => rollouts };
}

const workload = (of: Workload | undefined) =>
  of && { release: of.release.name, replicas: of.replicas, flaggerId: of.flaggerId };

/** What a story ends with, without its times. */
function endOf({ session, cluster }: Stage, rollouts: number, calls: readonly Call[]): Played['end'] {
  const { target, primary, routes, apexServesPrimary, leastPrimary } = cluster.state();
  const told = session.delivered().map(({ announcement }) => announcement);
  const texts = (kind: string): readonly string[] =>
    told.flatMap((one) => (one.kind === kind ? [timeless({ ...one, id: '' })] : [])).filter(isComparable);
  return {
    status: timeless(session.canary().status),
    isGone: session.isGone(),
    finalizers: session.canary().finalizers,
    target: workload(target),
    primary: workload(primary),
    traffic: { routes, apexServesPrimary, leastPrimary },
    rollouts,
    events: texts('event').toSorted(),
    alerts: texts('alert'),
    counts: texts('count'),
    'post-rollout questions': keysOf(calls.filter(({ question }) => question.startsWith('post-rollout/'))).size,
    'keys with two questions': [...keysOf(calls)].filter((key) => questionsOf(calls, key).size > 1),
    // Allowance: gates and rollout hooks are asked again in a slot more, under its own key; none of them is left out.
    'questions asked': [...new Set(calls.map(({ question }) => question))].toSorted(),
    'ids delivered twice': told.length - new Set(told.map(({ id }) => id)).size,
  };
}

const keysOf = (calls: readonly Call[]): ReadonlySet<string> => new Set(calls.map(({ key }) => key));
const questionsOf = (calls: readonly Call[], key: string): ReadonlySet<string> =>
  new Set(calls.filter((call) => call.key === key).map(({ question }) => question));

/**
 * Allowance: what is said in every step anew, a wait for pods and a rollback hook that does not signal, is not counted.
 * A crash between the accepted revision and its pods costs a slot, and with it one more of these.
 */
const isComparable = (text: string): boolean =>
  !/not ready: waiting for rollout to finish|not signaling a rollback/.test(text);

const times = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/**
 * Allowances: a run that begins a slot later has another id and last slot, for both are made of the slot. A copy of what
 * was said stays in the status until the next write; what was delivered is compared instead. And a repeated last step
 * of a run finds the pods gone that it took away itself, so `steady`, which ends with the run, may say so.
 */
const allowed: ReadonlySet<string> = new Set(['id', 'lastSlot', 'outbox', 'steady']);

const timeless = (value: object): string =>
  stableJson(JSON.parse(JSON.stringify(value, (key, part: unknown) => (allowed.has(key) ? key : part)))).replaceAll(
    times,
    'time',
  );

/** One row of the matrix. */
export interface Cell {
  readonly phase: string;
  readonly effect: string;
  before: number;
  after: number;
  overtaken: number;
  readonly broken: string[];
}

/** What differs from the undisturbed run, by name. */
export const differences = (undisturbed: Played, disturbed: Played): readonly string[] =>
  Object.keys(undisturbed.end).filter((name) => !isDeepStrictEqual(undisturbed.end[name], disturbed.end[name]));

/** Steps of one story that ask and do the same in the same phase are played once. */
function distinctSteps({ performed }: Played): readonly Performed[] {
  const seen = new Map<string, number>();
  const signature = (slot: number): string =>
    performed.flatMap((one) => (one.slot === slot ? [`${one.phase} ${one.kinds.join('+')}`] : [])).join();
  for (const slot of new Set(performed.map((one) => one.slot))) {
    if (!seen.has(signature(slot))) seen.set(signature(slot), slot);
  }
  const slots = new Set(seen.values());
  return performed.filter(({ slot }) => slots.has(slot));
}

/** Plays everything. */
export function crashMatrix(told: readonly Story[] = stories): readonly Cell[] {
  const cells = new Map<string, Cell>();
  for (const story of told) {
    const undisturbed = play(story);
    for (const point of distinctSteps(undisturbed)) {
      for (const when of ['before', 'after', ...(point.isWrite ? ['overtaken' as const] : [])] as const) {
        // Whether what follows a conflict is a second try within the slot or the next slot must not matter.
        const ways = when === 'overtaken' ? [story, { ...story, losesJob: true }] : [story];
        const disturbed = ways.map((way) => play(way, { slot: point.slot, action: point.action, when }));
        const where = `${story.title}, slot ${point.slot}, ${when} action ${point.action}`;
        const broken = disturbed.flatMap((one) => differences(undisturbed, one)).map((what) => `${where}: ${what}`);
        enter(cells, point, { when, broken });
      }
    }
  }
  return [...cells.values()];
}

function enter(
  cells: Map<string, Cell>,
  { phase, kinds }: Performed,
  { when, broken }: { when: Point['when']; broken: readonly string[] },
): void {
  for (const effect of kinds) {
    const key = `${phase} ${effect}`;
    const cell = cells.get(key) ?? { phase, effect, before: 0, after: 0, overtaken: 0, broken: [] };
    cell[when] += 1;
    cell.broken.push(...broken);
    cells.set(key, cell);
  }
}
