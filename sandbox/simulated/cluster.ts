/**
 * A cluster in memory, with a clock that is moved by hand: pods that take time to be ready, releases that are good
 * or bad, routes that can be read back. Property tests drive the real rules against it, and the simulated demo
 * plays the story on it. It is no substitute for the real parts, which have tests of their own.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Action, MetricAnswer, Outcome } from '../../canary/action.ts';
import type { HookType } from '../../canary/spec.ts';
import {
  answers,
  autoscaled,
  availableOf,
  copied,
  isWorkloadReady,
  keptOf,
  mostPods,
  observe,
  readinessOf,
  resized,
  revisionOf,
  scaled,
} from './workloads.ts';
import type { ClusterState, Moment, Release } from './workloads.ts';

export interface SimulatedCluster {
  /** Performs one action as the worker's adapters would. */
  perform(action: Action, now: number): Outcome;
  /** Changes the image of the target, as a user does. */
  release(release: Release, now: number): void;
  /** Somebody else has a hand in it. */
  change(by: (state: ClusterState) => Partial<ClusterState>): void;
  /** Others are in trouble from now on, or no longer. */
  trouble(trouble: Partial<Trouble>): void;
  /** Makes the pods of a workload unready until then. */
  disturb(workload: 'target' | 'primary', until: number): void;
  /** The Canary is gone: what it owned is collected. */
  collect(): void;
  state(): ClusterState;
  isReady(workload: 'target' | 'primary', now: number): boolean;
  /** Whether it has pods of its release that answer. */
  answers(workload: 'target' | 'primary', now: number): boolean;
  /** Pods that answer. */
  available(workload: 'target' | 'primary', now: number): number;
  /** Has the autoscalers of target and primary look at their shares of a load that `loadPods` pods carry. */
  autoscale(now: number): void;
}

interface World extends Moment {
  readonly state: ClusterState;
  readonly trouble: Trouble;
}

/** Until when others are in trouble, in epoch milliseconds. */
export interface Trouble {
  /** Hooks are answered the other way: gates are shut, checks fail, a roll-back is wanted. */
  readonly hooks: Readonly<Partial<Record<HookType, number>>>;
  /** No metric can be had. */
  readonly prometheus: number;
}

interface Effect {
  readonly outcome: Outcome;
  readonly changes?: Partial<ClusterState>;
}

type Performers = {
  readonly [Kind in Exclude<Action['kind'], 'together'>]: (
    world: World,
    action: Extract<Action, { kind: Kind }>,
  ) => Effect;
};

const answer = (value: unknown): Effect => ({ outcome: { ok: true, value } });
const sized = (raised: boolean, changes: Partial<ClusterState>): Effect => ({ ...answer({ raised }), changes });
const done = (changes: Partial<ClusterState> = {}): Effect => ({ outcome: { ok: true, value: null }, changes });

function metric({ state: { target }, trouble, now }: World, name: string): MetricAnswer {
  if (now < trouble.prometheus) return { kind: 'unavailable', detail: 'connect ECONNREFUSED' };
  const { successRate, latency } = target.release;
  return { kind: 'value', value: name === 'request-duration' ? latency : successRate };
}

const performers: Performers = {
  observeTarget: ({ state, now }) => answer(observe(state, now)),
  observeMetricProviders: () => answer({ kind: 'available' }),
  observeEndpoints: ({ state, now }) =>
    answer({
      primary: isWorkloadReady(state.primary, now) ? 1 : 0,
      apexServesPrimary: state.apexServesPrimary,
      apexServesTarget: !state.apexServesPrimary && isWorkloadReady(state.target, now),
    }),
  callHook: ({ trouble, now }, { hook }) => {
    const isTurned = now < (trouble.hooks[hook.type] ?? 0);
    return answer({ passed: (hook.type === 'rollback') === isTurned, detail: isTurned ? 'no' : '' });
  },
  queryMetric: (world, action) => answer(metric(world, action.metric.name)),
  ensureServices: () => done(),
  ensureScaler: (_world, { atLeast = 1 }) => done({ leastPrimary: atLeast }),
  sizePrimary: ({ state, ...moment }, { replicas }) => {
    const wanted = Math.min(replicas, mostPods);
    const { primary } = state;
    if (primary === undefined || primary.replicas >= wanted) return sized(false, { leastPrimary: wanted });
    return sized(true, { leastPrimary: wanted, primary: resized(primary, wanted, moment) });
  },
  ensureApex: () => done({ apexServesPrimary: true }),
  ensurePrimary: ({ state, ...moment }, { follow, flaggerId }) =>
    state.primary === undefined || follow ? done({ primary: copied(state, flaggerId, moment) }) : done(),
  ensureRoutes: ({ state }, { weights }) => ({
    ...answer({ tookTraffic: (state.routes?.canary ?? 0) > 0 && weights.canary === 0 }),
    changes: { routes: weights },
  }),
  scaleTarget: ({ state, ...moment }, { to }) => done({ target: scaled(state.target, to, moment) }),
  promote: ({ state, ...moment }, { revision, flaggerId }) => {
    const now = revisionOf(state.target.release);
    if (!isDeepStrictEqual(now, revision)) return answer({ kind: 'revisionMoved', now });
    return { ...answer({ kind: 'copied' }), changes: { primary: copied(state, flaggerId, moment) } };
  },
  admitRun: () => answer({ kind: 'admitted' }),
  observeNamespace: () => answer({ deleting: false }),
  resumeScaler: () => done(),
  restoreTarget: ({ state, ...moment }) => {
    const target = scaled(state.target, 'running', moment);
    return { ...answer(readinessOf(target, moment.now)), changes: { target } };
  },
  restoreApex: ({ state }) => ({
    ...answer({ changed: state.apexServesPrimary, leadsToTarget: true }),
    changes: { apexServesPrimary: false },
  }),
  restoreRoutes: ({ state }) => ({
    ...answer({ changed: state.routes !== undefined }),
    changes: { routes: undefined },
  }),
  setFinalizer: () => runnersBusiness('a finalizer'),
  record: () => runnersBusiness('a status'),
};

const runnersBusiness = (what: string): Effect => ({
  outcome: { ok: false, failure: { reason: 'other', message: `${what} is written by the runner, not by the cluster` } },
});

/** The table has one performer per kind, made for the actions of that kind. */
const performerOf = (kind: keyof Performers): ((world: World, action: Action) => Effect) =>
  performers[kind] as (world: World, action: Action) => Effect;

const beforeAll = (first: Release): ClusterState => ({
  target: { release: first, replicas: 1, readyAt: 0, kept: 0 },
  primary: undefined,
  routes: undefined,
  apexServesPrimary: false,
  leastPrimary: 1,
});

/**
 * @param first the release that is running when the Canary is created
 * @param podStart milliseconds from a change until pods are ready
 * @param initial what is otherwise than before the first step of a Canary
 */
export function createSimulatedCluster(
  first: Release,
  podStart: number,
  initial: Partial<ClusterState> = {},
): SimulatedCluster {
  let state: ClusterState = { ...beforeAll(first), ...initial };
  let trouble: Trouble = { hooks: {}, prometheus: 0 };

  function perform(action: Action, now: number): Outcome {
    if (action.kind === 'together') return { ok: true, value: action.actions.map((part) => perform(part, now)) };
    const { outcome, changes } = performerOf(action.kind)({ state, trouble, now, readyAt: now + podStart }, action);
    state = { ...state, ...changes };
    return outcome;
  }

  return {
    perform,
    release(release, now) {
      const { target } = state;
      const isRunning = target.replicas > 0;
      const rolling = isRunning ? { readyAt: now + podStart, ...keptOf(target, now) } : {};
      state = { ...state, target: { ...target, release, ...rolling } };
    },
    change: (by) => void (state = { ...state, ...by(state) }),
    trouble: (others) => void (trouble = { ...trouble, ...others }),
    disturb(name, until) {
      const workload = state[name];
      if (workload === undefined) return;
      state = { ...state, [name]: { ...workload, readyAt: Math.max(workload.readyAt, until), kept: 0 } };
    },
    collect() {
      state = { ...state, primary: undefined, routes: undefined, apexServesPrimary: false };
    },
    state: () => state,
    isReady: (name, now) => isWorkloadReady(state[name], now),
    answers: (name, now) => answers(state[name], now),
    available: (name, now) => availableOf(state[name], now),
    autoscale(now) {
      state = autoscaled(state, { now, readyAt: now + podStart });
    },
  };
}
