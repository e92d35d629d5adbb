import { repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const annotations = { 'aviary.dev/drain-delay': '40s' };
const until = (time: string): string => `The canary's pods finish their connections until 2026-03-01T${time}.000Z.`;
const promotedServes = 'The primary serves the promoted revision.';
const succeeded = {
  outcome: 'succeeded',
  becomes: { phase: 'Succeeded', promoted: 'v1-two' },
  says: ['Promotion completed! Scaling down podinfo.test'],
  tells: ['Canary analysis completed successfully, promotion finished.'],
  counts: ['success completed'],
} as const;

const rows: readonly Row[] = [
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

export const drainPromotion: Table = {
  about: 'Connections before pods: promotion and bootstrap',
  rows,
};
