import { answers, hooks, repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';
import { started, starts } from './starting.ts';

const { fails, refuses } = answers;

const annotations = { 'aviary.dev/drain-delay': '40s' };
const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;
const until = (time: string): string => `The canary's pods finish their connections until 2026-03-01T${time}.000Z.`;
const notPromoted = 'The last revision was not promoted.';
const promotedServes = 'The primary serves the promoted revision.';
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const succeeded = {
  outcome: 'succeeded',
  becomes: { phase: 'Succeeded', promoted: 'v1-two' },
  says: ['Promotion completed! Scaling down podinfo.test'],
  tells: ['Canary analysis completed successfully, promotion finished.'],
  counts: ['success completed'],
} as const;

const rollbackRows: readonly Row[] = [
  {
    title: 'a rollback takes the traffic away and has failed, and the pods finish their connections',
    canary: inPhase('Progressing', { annotations, weight: 30, failedChecks: 5, decision }),
    asks: ['observeTarget', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 0, failedChecks: 0, decision: undefined, drained: 0 },
      promotedSays: 'Canary analysis failed, Deployment finishes its connections before it is scaled to zero.',
      readySays: `${notPromoted} ${until('12:00:40')}`,
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary that never had traffic has no connections to finish',
    canary: inPhase('Progressing', { annotations, decision }),
    asks: ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: undefined },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'on the kubernetes provider it never has',
    canary: inPhase('Progressing', {
      annotations,
      decision,
      iterations: 1,
      spec: { provider: 'kubernetes' },
      analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 2 },
    }),
    asks: ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', iterations: 0, decision: undefined },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
];

const settledRows: readonly Row[] = [
  {
    title: 'until the delay is over a failed canary keeps its pods, and nothing is written',
    canary: inPhase('Failed', { annotations, drained: 39_999 }),
    seen: { target: 'ready' },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', readySays: `${notPromoted} ${until('12:00:00').replace('.000Z', '.001Z')}` },
  },
  {
    title: 'then a step takes them away',
    canary: inPhase('Failed', { annotations, drained: 40_000 }),
    seen: { target: 'ready' },
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: {
      outcome: 'settled',
      becomes: { drained: undefined },
      promotedSays: 'Canary analysis failed, Deployment scaled to zero.',
      readySays: notPromoted,
    },
  },
  {
    title: 'pods that cannot be taken away are tried again',
    canary: inPhase('Succeeded', { annotations, drained: 60_000 }),
    seen: { target: 'ready' },
    facts: { 'scaleTarget zero': fails('unavailable', 'patch deployments: no answer') },
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['patch deployments: no answer'] },
  },
  {
    title: 'a new revision does not wait for connections of the old one, and keeps its pods',
    canary: inPhase('Failed', { annotations, drained: 10_000 }),
    seen: { revision: 'v1-three', target: 'ready' },
    asks: [...repairs('100/0'), ...starts],
    ends: {
      ...started,
      becomes: { phase: 'Progressing', applied: 'v1-three', run: 'new', lastSlot: 100, drained: undefined },
    },
  },
  {
    title: 'the pods go while a new revision waits for its approval',
    canary: inPhase('Waiting', { annotations, drained: 40_000, analysis: hooks(['confirm-rollout', 'gate']) }),
    seen: { target: 'ready' },
    facts: { 'callHook confirm-rollout gate': refuses() },
    asks: [...repairs('100/0'), 'callHook confirm-rollout gate', 'scaleTarget zero'],
    ends: { outcome: 'waiting', becomes: { drained: undefined } },
  },
  {
    title: 'and while it waits for the primary',
    canary: inPhase('Failed', { annotations, drained: 40_000 }),
    seen: { revision: 'v1-three', target: 'ready', primary: 'waiting' },
    asks: [...repairsNothingLive, 'scaleTarget zero'],
    ends: {
      outcome: 'stopped',
      becomes: { drained: undefined, waited: 0 },
      says: [`podinfo-primary.test not ready: ${whyWaiting}`],
    },
  },
];

const promotionRows: readonly Row[] = [
  {
    title: 'in a promotion the delay begins when the last share has left',
    canary: inPhase('Promoting', { annotations, weight: 50 }),
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, drained: 0, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
  {
    title: 'a share that stays keeps it from beginning',
    canary: inPhase('Promoting', { annotations, weight: 50, analysis: { stepWeightPromotion: 30 } }),
    asks: [...repairs('50/50'), 'ensureRoutes 80/20'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, ...spent },
      says: ['Advance podinfo.test primary weight 80'],
    },
  },
  {
    title: 'a delay that is over by then changes no step of the promotion',
    canary: inPhase('Finalising', { annotations: { 'aviary.dev/drain-delay': '30s' }, drained: 30_000 }),
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: { ...succeeded, becomes: { ...succeeded.becomes, drained: undefined }, readySays: promotedServes },
  },
  {
    title: 'a longer one keeps the pods, and the promotion succeeds on time all the same',
    canary: inPhase('Finalising', { annotations, drained: 30_000 }),
    asks: repairs('100/0'),
    ends: { ...succeeded, readySays: `${promotedServes} ${until('12:00:10')}` },
  },
  {
    title: 'with skipAnalysis a canary that has traffic is drained too',
    canary: inPhase('Promoting', { annotations, weight: 30, spec: { skipAnalysis: true } }),
    asks: [...repairs('70/30'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'succeeded',
      becomes: { phase: 'Succeeded', weight: 0, promoted: 'v1-two', drained: 0 },
      says: ['Promotion completed! Canary analysis was skipped for podinfo.test'],
      tells: ['Canary analysis was skipped, promotion finished.'],
      counts: ['success skipped'],
    },
  },
  {
    title: 'a target that the apex has just left is drained like a canary',
    canary: inPhase('Initializing', { annotations }),
    seen: { equalsTarget: true },
    asks: [
      'observeTarget',
      'ensureServices',
      'observeMetricProviders',
      'observeEndpoints primary',
      'ensureApex',
      'observeEndpoints apex',
      'ensureRoutes 100/0',
    ],
    ends: {
      outcome: 'initialized',
      becomes: { phase: 'Initialized', applied: 'v1-one', promoted: 'v1-one', drained: 0 },
      says: ['all the metrics providers are available!', 'Initialization done! podinfo.test'],
      tells: ['New Deployment detected, initialization completed.'],
    },
  },
];

export const drain: Table = {
  about: 'Connections before pods: the drain delay',
  rows: [...rollbackRows, ...settledRows, ...promotionRows],
};
