/** The stories of the crash matrix: together they perform every kind of action in every phase that it occurs in. */
import { hookTypes } from '../../canary/spec.ts';
import type { Canary, CanaryStatus } from '../../canary/canary.ts';
import type { Webhook } from '../../canary/spec.ts';
import type { SimulatedCluster } from '../../sandbox/simulated/cluster.ts';
import type { Session } from '../../sandbox/simulated/session.ts';
import type { Release } from '../../sandbox/simulated/workloads.ts';
import { broken, failing, good, intervalMs, storyCanary } from './story.ts';

export interface Stage {
  readonly session: Session;
  readonly cluster: SimulatedCluster;
  now: number;
}

/** Something that befalls a Canary once, as soon as its status is so: a crash that costs a slot does not move it. */
export interface Happening {
  readonly when: (status: CanaryStatus) => boolean;
  readonly what: (stage: Stage) => void;
}

export interface Story {
  readonly title: string;
  readonly canary: Canary;
  readonly happenings: readonly Happening[];
  /** Whether a hook passes, by the status and the canary's share of the traffic in percent. */
  readonly passes?: (hook: Webhook, status: CanaryStatus, share: number) => boolean;
  /** The job is lost with its worker: the next slot is what goes on. Else another worker takes it over at once. */
  readonly losesJob?: boolean;
  /** Crashes before the first happening are another story's. */
  readonly withBootstrap?: boolean;
}

const hook = (type: string): object => ({ name: type, type, url: 'http://flagger-loadtester.test/' });
const afterwards = { webhooks: [hook('post-rollout')] };
const everyHook = {
  stepWeight: 25,
  webhooks: hookTypes.filter((type) => type !== 'event').map(hook),
};
const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
const leaves = { revertOnDeletion: true };

const once =
  (phase: CanaryStatus['phase'], weight = 0) =>
  (status: CanaryStatus): boolean =>
    status.phase === phase && status.canaryWeight >= weight;

const released = (release: Release, when = once('Initialized')): Happening => ({
  when,
  what: ({ cluster, now }) => cluster.release(release, now),
});

const deleted = (when: Happening['when']): Happening => ({ when, what: ({ session }) => session.delete() });

/** The primary's pods vanish for longer than the deadline. */
const primaryLost: Happening = {
  when: once('Promoting'),
  what: ({ cluster, now }) => cluster.disturb('primary', now + 5 * intervalMs),
};

/** Gates are shut until the phase says that they are waited for. */
function gates({ type }: Webhook, { phase }: CanaryStatus): boolean {
  if (type === 'confirm-rollout') return phase === 'Waiting';
  if (type === 'confirm-promotion') return phase === 'WaitingPromotion';
  return type !== 'rollback';
}

export const stories: readonly Story[] = [
  { title: 'bootstrap', canary: storyCanary(), happenings: [], withBootstrap: true },
  {
    title: 'bootstrap of a Canary that gives back and has an autoscaler',
    canary: storyCanary({}, { ...leaves, autoscalerRef }),
    happenings: [],
    withBootstrap: true,
  },
  {
    title: 'weighted promotion with every hook',
    canary: storyCanary(everyHook),
    happenings: [released(good('two'))],
    passes: gates,
  },
  {
    title: 'a release that needs a place among the runs',
    canary: { ...storyCanary(), isLimited: true },
    happenings: [released(good('two'))],
  },
  {
    title: 'roll-back after failed checks',
    canary: storyCanary({ threshold: 2, ...afterwards }),
    happenings: [released(failing('two'))],
  },
  {
    title: 'roll-back by a hook',
    canary: storyCanary(everyHook),
    happenings: [released(good('two'))],
    passes: (asked, status) => (asked.type === 'rollback' ? status.canaryWeight >= 25 : gates(asked, status)),
  },
  {
    title: 'roll-back by a hook that signals only while there is traffic, the job lost with its worker',
    canary: storyCanary(everyHook),
    happenings: [released(good('two'))],
    passes: (asked, status, share) =>
      asked.type === 'rollback' ? Math.min(share, status.canaryWeight) >= 25 : gates(asked, status),
    losesJob: true,
  },
  {
    title: 'roll-back by a hook while a revision waits for approval',
    canary: storyCanary(everyHook),
    happenings: [released(good('two'))],
    passes: ({ type }, { phase }) => type === 'rollback' && phase === 'Waiting',
  },
  {
    title: 'roll-back at the deadline',
    canary: storyCanary(afterwards),
    happenings: [released(broken('two'))],
  },
  {
    title: 'A/B',
    canary: storyCanary(
      { iterations: 2, match: [{ headers: { 'x-canary': { exact: 'insider' } } }] },
      { provider: 'gatewayapi:v1', service: { port: 9898, gatewayRefs: [{ name: 'gateway' }] } },
    ),
    happenings: [released(good('two'))],
  },
  {
    title: 'Blue/Green with mirror',
    canary: storyCanary(
      { iterations: 2, mirror: true },
      { provider: 'gatewayapi:v1', service: { port: 9898, gatewayRefs: [{ name: 'gateway' }] } },
    ),
    happenings: [released(good('two'))],
  },
  {
    title: 'promotion without analysis',
    canary: storyCanary({}, { skipAnalysis: true }),
    happenings: [released(good('two'))],
  },
  {
    title: 'failed promotion and its recovery',
    canary: storyCanary({ stepWeight: 50, ...afterwards }),
    happenings: [released(good('two')), primaryLost],
  },
  {
    title: 'new revision during the analysis',
    canary: storyCanary({ stepWeight: 25 }),
    happenings: [released(good('two')), released(good('three'), once('Progressing', 25))],
  },
  {
    title: 'deletion during the analysis',
    canary: storyCanary({}, leaves),
    happenings: [released(good('two')), deleted(once('Progressing', 20))],
  },
  {
    title: 'deletion after a promotion',
    canary: storyCanary({ stepWeight: 50 }, { ...leaves, autoscalerRef }),
    happenings: [released(good('two')), deleted(once('Succeeded'))],
  },
  {
    title: 'promotion with autoscaler, steps back and drain',
    canary: storyCanary(
      { stepWeight: 50, stepWeightPromotion: 50 },
      { autoscalerRef },
      { 'aviary.dev/drain-delay': '45s' },
    ),
    happenings: [released(good('two'))],
  },
  {
    title: 'roll-back with autoscaler and drain',
    canary: storyCanary(
      { stepWeight: 50, maxWeight: 50, threshold: 1 },
      { autoscalerRef },
      { 'aviary.dev/drain-delay': '45s' },
    ),
    happenings: [
      released(good('two')),
      { when: once('Progressing', 50), what: ({ cluster, now }) => cluster.disturb('target', now + 10 * intervalMs) },
    ],
  },
  {
    title: 'new revision during the analysis, with autoscaler',
    canary: storyCanary({ stepWeight: 25 }, { autoscalerRef }),
    happenings: [released(good('two')), released(good('three'), once('Progressing', 50))],
  },
];
