import { failedTexts, primary } from '../failing.ts';
import { answers, repairs, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';

const { fails } = answers;

const canary = (why: string): string => `canary deployment podinfo.test not ready: ${why}`;
const stepwise = { stepWeightPromotion: 30 } as const;
const skipping = { spec: { skipAnalysis: true } } as const;
const kubernetes = {
  spec: { provider: 'kubernetes' },
  analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 2 },
} as const;
const skipped = {
  outcome: 'succeeded',
  says: ['Promotion completed! Canary analysis was skipped for podinfo.test'],
  tells: ['Canary analysis was skipped, promotion finished.'],
  counts: ['success skipped'],
} as const;

const shiftRows: readonly Row[] = [
  {
    title: 'a ready primary gets all traffic at once',
    canary: inPhase('Promoting', { weight: 50, iterations: 3, waited: 30_000 }),
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, iterations: 0, waited: undefined, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
  {
    title: 'with stepWeightPromotion it gets the traffic in steps',
    canary: inPhase('Promoting', { weight: 50, analysis: stepwise }),
    asks: [...repairs('50/50'), 'ensureRoutes 80/20'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, ...spent },
      says: ['Advance podinfo.test primary weight 80'],
    },
  },
  {
    title: 'the last step does not pass 100 and ends the shift',
    canary: inPhase('Promoting', { weight: 20, analysis: stepwise }),
    asks: [...repairs('80/20'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, ...spent },
      says: ['Advance podinfo.test primary weight 100'],
    },
  },
  {
    title: 'without traffic on the canary there is nothing to shift, whatever stepWeightPromotion says',
    canary: inPhase('Promoting', { analysis: stepwise }),
    asks: repairs('100/0'),
    ends: { outcome: 'promoting', becomes: { phase: 'Finalising', ...spent } },
  },
  {
    title: 'on the kubernetes provider there is nothing to shift',
    canary: inPhase('Promoting', { ...kubernetes, weight: 100, iterations: 3 }),
    asks: repairs('100/0'),
    ends: { outcome: 'promoting', becomes: { phase: 'Finalising', weight: 0, iterations: 0, ...spent } },
  },
  {
    title: 'a revision that arrives now is not looked at: the promotion ends first',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { revision: 'v1-three' },
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, ...spent },
      says: ['Routing all traffic to primary'],
    },
  },
  {
    title: 'with skipAnalysis a ready primary ends the promotion in the same step',
    canary: inPhase('Promoting', skipping),
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: { ...skipped, becomes: { phase: 'Succeeded', promoted: 'v1-two' } },
  },
  {
    title: 'with skipAnalysis the canary is not waited for, and its traffic leaves before its pods',
    canary: inPhase('Promoting', { ...skipping, weight: 30 }),
    seen: { target: 'stuck' },
    asks: [...repairs('70/30'), 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: { ...skipped, becomes: { phase: 'Succeeded', weight: 0, promoted: 'v1-two' } },
  },
  {
    title: 'routes that cannot be written leave the promotion where it is',
    canary: inPhase('Promoting', { weight: 50 }),
    facts: { 'ensureRoutes 100/0': fails('unavailable', 'routes: no answer') },
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['routes: no answer'] },
  },
];

const primaryRows: readonly Row[] = [
  {
    title: 'a primary that is not ready is waited for, and what can be repaired is',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'a primary past the deadline fails the promotion, and the canary takes all traffic',
    canary: inPhase('Promoting', { weight: 50, waited: 60_000 }),
    seen: { primary: 'waiting' },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'rolledBack',
      promotedSays: 'Promotion failed, primary not ready.',
      becomes: { phase: 'Failed', weight: 100, decision: 'promote', waited: undefined },
      ...failedTexts(whyWaiting),
    },
  },
  {
    title: 'a primary that is stuck fails the promotion at once, and what was promoted before stays recorded',
    canary: inPhase('Promoting', { weight: 100, iterations: 3, failedChecks: 1 }),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', iterations: 0, failedChecks: 0, decision: 'promote' },
      ...failedTexts(whyStuck),
    },
  },
  {
    title: 'no traffic is moved to a canary that is not ready either: Stalled says why',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'stuck', target: 'stuck' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'promoting',
      becomes: { waited: 0 },
      says: [primary(whyStuck)],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'nor to a canary without pods, which gets them again',
    canary: inPhase('Promoting', { weight: 50, waited: 60_000 }),
    seen: { primary: 'waiting', target: 'none' },
    asks: [...repairsNothingLive, 'scaleTarget running'],
    ends: { outcome: 'promoting', says: [primary(whyWaiting)], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'on the kubernetes provider a failed promotion moves nothing',
    canary: inPhase('Promoting', kubernetes),
    seen: { primary: 'stuck', target: 'waiting' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'rolledBack',
      promotedSays: 'Promotion failed, primary not ready.',
      becomes: { phase: 'Failed', decision: 'promote' },
      ...failedTexts(whyStuck),
    },
  },
  {
    title: 'with skipAnalysis a failed promotion gives the canary no traffic that it has not',
    canary: inPhase('Promoting', skipping),
    seen: { primary: 'stuck' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: 'promote' },
      ...failedTexts(whyStuck),
    },
  },
  {
    title: 'with skipAnalysis a canary that has traffic takes all of it',
    canary: inPhase('Promoting', { ...skipping, weight: 30 }),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 100, decision: 'promote' },
      ...failedTexts(whyStuck),
    },
  },
  {
    title: 'a primary that somebody deleted is made anew of the analysed revision',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'absent', revision: 'v1-three' },
    asks: ['observeTarget', 'record Promoting promote', 'promote'],
    carrying: { promote: { revision: { template: 'v1-two' } } },
    ends: {
      outcome: 'promoting',
      becomes: spent,
      says: ['Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
];

const canaryRows: readonly Row[] = [
  {
    title: 'a canary that is not ready holds the promotion',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { target: 'waiting' },
    asks: repairs('50/50'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary that has no ready pod left has no traffic either, and is waited for all the same',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { target: 'waiting', available: { target: 0 } },
    asks: repairs('100/0'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary that is stuck beside a ready primary is rolled back, and what the primary runs counts as promoted',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { target: 'stuck' },
    asks: [...repairs('50/50'), 'record Promoting rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 0, promoted: 'v1-two' },
      says: [
        canary(whyStuck),
        `Rolling back podinfo.test progress deadline exceeded ${canary(whyStuck)}`,
        'Canary failed! Scaling down podinfo.test',
      ],
      tells: [`Progress deadline exceeded ${canary(whyStuck)}`],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback that was decided before a crash is completed, not forgotten',
    canary: inPhase('Promoting', { weight: 50, decision: { kind: 'rollback', cause: 'DeadlineExceeded' } }),
    asks: ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 0, decision: undefined },
      says: ['Canary failed! Scaling down podinfo.test'],
      counts: ['failure completed'],
    },
  },
];

export const promoting: Table = {
  about: 'Promoting',
  rows: [...shiftRows, ...primaryRows, ...canaryRows],
};
