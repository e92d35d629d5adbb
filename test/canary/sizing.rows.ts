import { allRouted } from '../../canary/notes.ts';
import { autoscaled, held, inProgress, pods, repairs } from './autoscaled.ts';
import { answers, checks, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const raised = answers.is({ raised: true });
const blueGreen = { stepWeight: undefined, maxWeight: undefined, iterations: 2 } as const;
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';

const promotionRows: readonly Row[] = [
  {
    title: 'the decision to promote says how many pods serve now, and the primary is given as many with its copy',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50 }),
    seen: { pods },
    asks: [...repairs('50/50'), ...checks, 'record Progressing promote sized', 'promote', 'sizePrimary 5'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...held(5), ...spent }, says: [copying] },
  },
  {
    title: 'where the canary serves everybody its pods alone are counted',
    canary: inPhase('Progressing', { ...autoscaled, analysis: blueGreen, iterations: 3, said: [allRouted] }),
    seen: { pods },
    asks: [...repairs('0/100'), ...checks, 'record Progressing promote sized', 'promote', 'sizePrimary 3'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', weight: 100, ...held(3), ...spent }, says: [copying] },
  },
  {
    title: 'a canary without traffic gives the primary nothing to take over',
    canary: inPhase('Progressing', { spec: { ...autoscaled.spec, skipAnalysis: true } }),
    seen: { pods },
    asks: [...repairs('100/0'), 'record Progressing promote', 'promote'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [copying] },
  },
  {
    title: 'without an autoscaler the copy brings the number of the target, and a smaller primary is given it',
    canary: inPhase('Progressing', { weight: 50 }),
    seen: { pods },
    asks: [
      'observeTarget',
      'ensureServices',
      'ensureApex',
      'ensureRoutes 50/50',
      ...checks,
      'record Progressing promote sized',
      'promote',
      'sizePrimary 3',
    ],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...held(3), ...spent }, says: [copying] },
  },
  {
    title: 'without an autoscaler a primary of the same size is left alone',
    canary: inPhase('Progressing', { weight: 50 }),
    seen: { pods: { target: 3, primary: 3 } },
    asks: [
      'observeTarget',
      'ensureServices',
      'ensureApex',
      'ensureRoutes 50/50',
      ...checks,
      'record Progressing promote',
      'promote',
    ],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [copying] },
  },
  {
    title: 'a promotion that was decided before a crash keeps the size that it was decided with',
    canary: inPhase('Progressing', { ...autoscaled, weight: 50, sizing: [5, 30_000], decision: { kind: 'promote' } }),
    seen: { pods: { target: 3, primary: 5 } },
    asks: ['promote', 'sizePrimary 5'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined, ...spent } },
  },
  {
    title: 'a primary that is ready and too small takes no traffic: it is made larger, and its autoscaler told',
    canary: inPhase('Promoting', { ...autoscaled, weight: 50, sizing: [5, 30_000] }),
    seen: { pods },
    facts: { 'sizePrimary 5': raised },
    asks: [...repairs('50/50', 'ensureScaler at least 5'), 'sizePrimary 5'],
    ends: {
      outcome: 'promoting',
      becomes: { waited: 0 },
      readySays: `${inProgress} The primary is given 5 pods before it takes the traffic.`,
    },
  },
  {
    title: 'a primary that is as large as its autoscaler allows is large enough',
    canary: inPhase('Promoting', { ...autoscaled, weight: 50, sizing: [5, 30_000] }),
    seen: { pods },
    asks: [...repairs('50/50', 'ensureScaler at least 5'), 'sizePrimary 5', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
  {
    title: 'a primary that has its size takes the traffic',
    canary: inPhase('Promoting', { ...autoscaled, weight: 50, sizing: [5, 30_000] }),
    seen: { pods: { target: 3, primary: 5 } },
    asks: [...repairs('50/50', 'ensureScaler at least 5'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
  {
    title: 'a canary that has grown since makes the size grow, and the new pods get the whole deadline',
    canary: inPhase('Promoting', { ...autoscaled, weight: 50, sizing: [5, 30_000, 2], waited: 60_000 }),
    seen: { pods: { target: 4, primary: 5 } },
    facts: { 'sizePrimary 6': raised },
    asks: [...repairs('50/50', 'ensureScaler at least 5'), 'sizePrimary 6'],
    ends: { outcome: 'promoting', becomes: { size: 6, waited: 0 } },
  },
  {
    title: 'somebody who keeps taking pods away does not hold the promotion up beyond its deadline',
    canary: inPhase('Promoting', { ...autoscaled, weight: 50, sizing: [5, 60_000], waited: 60_000 }),
    seen: { pods },
    facts: { 'sizePrimary 5': raised },
    asks: [...repairs('50/50', 'ensureScaler at least 5'), 'sizePrimary 5', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, waited: undefined, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
];

const afterwardsRows: readonly Row[] = [
  {
    title: 'after the end the autoscaler is held to the size while its memory fills with the full load',
    canary: inPhase('Finalising', { ...autoscaled, sizing: [5, 90_000] }),
    asks: [...repairs('100/0', 'ensureScaler at least 5'), 'scaleTarget zero'],
    ends: {
      outcome: 'succeeded',
      becomes: { phase: 'Succeeded', promoted: 'v1-two', ...held(5) },
      says: ['Promotion completed! Scaling down podinfo.test'],
      tells: ['Canary analysis completed successfully, promotion finished.'],
      counts: ['success completed'],
    },
  },
  {
    title: 'without an autoscaler there is nothing to hold',
    canary: inPhase('Finalising', { sizing: [5, 90_000] }),
    asks: ['observeTarget', 'ensureServices', 'ensureApex', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'succeeded',
      becomes: { phase: 'Succeeded', promoted: 'v1-two', size: undefined, sized: undefined },
      says: ['Promotion completed! Scaling down podinfo.test'],
      tells: ['Canary analysis completed successfully, promotion finished.'],
      counts: ['success completed'],
    },
  },
  {
    title: 'a moment before the five minutes are over nothing changes',
    canary: inPhase('Succeeded', { ...autoscaled, sizing: [5, 299_999] }),
    asks: repairs('100/0', 'ensureScaler at least 5'),
    ends: { outcome: 'settled' },
  },
  {
    title: 'then the size is the autoscaler\u2019s own affair',
    canary: inPhase('Succeeded', { ...autoscaled, sizing: [5, 300_000] }),
    asks: repairs('100/0'),
    ends: { outcome: 'settled', becomes: { size: undefined, sized: undefined } },
  },
  {
    title: 'a promotion that failed for want of pods keeps asking for them',
    canary: inPhase('Failed', { ...autoscaled, weight: 100, sizing: [5, 900_000], decision: { kind: 'promote' } }),
    seen: { primary: 'waiting' },
    asks: [...repairsNothingLive, 'ensureScaler at least 5'],
    ends: { outcome: 'settled' },
  },
];

export const sizing: Table = {
  about: 'The size of the primary: promotion',
  rows: [...promotionRows, ...afterwardsRows],
};
