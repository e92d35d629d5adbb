import { answers, repairs, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';

const { fails } = answers;

const primary = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const canary = (why: string): string => `canary deployment podinfo.test not ready: ${why}`;
const succeeded = {
  outcome: 'succeeded',
  becomes: { phase: 'Succeeded', promoted: 'v1-two' },
  says: ['Promotion completed! Scaling down podinfo.test'],
  tells: ['Canary analysis completed successfully, promotion finished.'],
  counts: ['success completed'],
} as const;

const rows: readonly Row[] = [
  {
    title: 'the canary is scaled down, and its revision is the promoted one',
    canary: inPhase('Finalising', { iterations: 3, failedChecks: 2, waited: 30_000 }),
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: { ...succeeded, becomes: { ...succeeded.becomes, iterations: 0, waited: undefined } },
  },
  {
    title: 'a canary that was scaled down before a crash is done',
    canary: inPhase('Finalising'),
    seen: { target: 'none' },
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: succeeded,
  },
  {
    title: 'a copy that was decided on anew is forgotten with the end of the run',
    canary: inPhase('Finalising', { decision: { kind: 'promote' } }),
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: { ...succeeded, becomes: { ...succeeded.becomes, decision: undefined } },
  },
  {
    title: 'a revision that arrived meanwhile is left for the next step',
    canary: inPhase('Finalising'),
    seen: { revision: 'v1-three' },
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: succeeded,
  },
  {
    title: 'a primary that is not ready is waited for, and the canary keeps its pods',
    canary: inPhase('Finalising'),
    seen: { primary: 'waiting' },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'a primary whose pods are all gone gives its traffic to the canary again, and is promoted anew',
    canary: inPhase('Finalising', { drained: 30_000 }),
    seen: { primary: 'waiting', available: { primary: 0 } },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', weight: 100, waited: 0, drained: undefined },
      says: ['Routing all traffic to canary', primary(whyWaiting)],
    },
  },
  {
    title: 'a primary that is stuck fails the promotion, and the canary takes the traffic',
    canary: inPhase('Finalising'),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 100, decision: 'promote' },
      says: [primary(whyStuck), `Promotion of podinfo.test failed, primary not ready: ${primary(whyStuck)}`],
      tells: [`Promotion failed, primary not ready: ${primary(whyStuck)}`],
      counts: ['failure completed'],
    },
  },
  {
    title: 'the pods that were proven are brought back to take it, and until then Stalled says why',
    canary: inPhase('Finalising', { waited: 60_000 }),
    seen: { primary: 'waiting', target: 'none' },
    asks: [...repairsNothingLive, 'scaleTarget running'],
    ends: { outcome: 'promoting', says: [primary(whyWaiting)], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'a canary whose pods are not ready is waited for',
    canary: inPhase('Finalising'),
    seen: { target: 'waiting' },
    asks: repairs('100/0'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary that is stuck is rolled back, and what the primary runs counts as promoted',
    canary: inPhase('Finalising'),
    seen: { target: 'stuck' },
    asks: [...repairs('100/0'), 'record Finalising rollback', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', promoted: 'v1-two' },
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
    title: 'skipAnalysis that is switched on now ends the promotion whatever the canary does',
    canary: inPhase('Finalising', { spec: { skipAnalysis: true } }),
    seen: { target: 'stuck' },
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: {
      ...succeeded,
      says: ['Promotion completed! Canary analysis was skipped for podinfo.test'],
      tells: ['Canary analysis was skipped, promotion finished.'],
      counts: ['success skipped'],
    },
  },
  {
    title: 'a primary that somebody deleted is made anew of the analysed revision',
    canary: inPhase('Finalising'),
    seen: { primary: 'absent' },
    asks: ['observeTarget', 'record Finalising promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: ['Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'a rollback that was decided before a crash is completed',
    canary: inPhase('Finalising', { decision: { kind: 'rollback', cause: 'DeadlineExceeded' } }),
    asks: ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: undefined },
      says: ['Canary failed! Scaling down podinfo.test'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary that cannot be scaled down keeps the phase',
    canary: inPhase('Finalising', { waited: 60_000 }),
    facts: { 'scaleTarget zero': fails('forbidden', 'patch deployments: forbidden') },
    asks: [...repairs('100/0'), 'scaleTarget zero'],
    ends: { outcome: 'stopped', says: ['patch deployments: forbidden'], stalled: 'DeadlineExceeded' },
  },
];

export const finalising: Table = { about: 'Finalising', rows };
