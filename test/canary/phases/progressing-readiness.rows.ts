import { checks, repairs, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';

const primary = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const canary = (why: string): string => `canary deployment podinfo.test not ready: ${why}`;
const noPods = canary('waiting for rollout to finish: 0 out of 1 new replicas have been updated');
const late = (error: string): string => `Rolling back podinfo.test progress deadline exceeded ${error}`;
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const failed = { phase: 'Failed', weight: 0, failedChecks: 0, waited: undefined } as const;

const primaryRows: readonly Row[] = [
  {
    title: 'a primary that is not ready stops the step before everything else',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { primary: 'waiting', target: 'stuck', revision: 'v1-three' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: [primary(whyWaiting)],
      readySays: `A rollout is in progress. ${primary(whyWaiting)}`,
    },
  },
  {
    title: 'a primary past the deadline ends the run, and the canary keeps its traffic until the primary is ready',
    canary: inPhase('Progressing', { weight: 20, waited: 60_000 }),
    seen: { primary: 'waiting' },
    asks: [...repairsNothingLive, 'record Progressing rollback'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: 'rollback DeadlineExceeded' },
      says: [primary(whyWaiting), late(primary(whyWaiting))],
      tells: [`Progress deadline exceeded ${primary(whyWaiting)}`],
      counts: ['failure completed'],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a primary that is stuck ends the run before the deadline',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, 'record Progressing rollback'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: 'rollback DeadlineExceeded', waited: 0 },
      says: [primary(whyStuck), late(primary(whyStuck))],
      tells: [`Progress deadline exceeded ${primary(whyStuck)}`],
      counts: ['failure completed'],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a run that began without its primary goes on without it',
    canary: inPhase('Progressing', { weight: 100, said: ['began without a ready primary'] }),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, ...checks, 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: [primary(whyStuck), 'Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'once its primary has been ready such a run waits for it as any other',
    canary: inPhase('Progressing', { weight: 20, said: ['began without a ready primary'] }),
    seen: { target: 'waiting' },
    nth: 2,
    asks: repairs('80/20'),
    ends: { outcome: 'stopped', becomes: { waited: 30_000 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'with skipAnalysis the primary is not waited for',
    canary: inPhase('Progressing', { spec: { skipAnalysis: true } }),
    seen: { primary: 'stuck' },
    asks: [...repairsNothingLive, 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: [primary(whyStuck), 'Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
];

const canaryRows: readonly Row[] = [
  {
    title: 'a canary that is not ready stops the step, which is no failed check',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { target: 'waiting' },
    asks: repairs('80/20'),
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: [canary(whyWaiting)],
      readySays: `A rollout is in progress. ${canary(whyWaiting)}`,
    },
  },
  {
    title:
      'nobody is given up at first sight: the clock starts with the step that finds the wait, however long the interval',
    canary: inPhase('Progressing', { weight: 20, lastStep: 600_000 }),
    seen: { target: 'waiting' },
    asks: repairs('80/20'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary a millisecond before the deadline is only waited for',
    canary: inPhase('Progressing', { weight: 20, waited: 59_999 }),
    seen: { target: 'waiting' },
    asks: repairs('80/20'),
    ends: { outcome: 'stopped', says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary past the deadline is rolled back, with event and alert',
    canary: inPhase('Progressing', { weight: 20, waited: 60_000 }),
    seen: { target: 'waiting' },
    asks: [...repairs('80/20'), 'record Progressing rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: [canary(whyWaiting), late(canary(whyWaiting)), scaledDown],
      tells: [`Progress deadline exceeded ${canary(whyWaiting)}`],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary that is stuck is rolled back at once',
    canary: inPhase('WaitingPromotion', { weight: 50 }),
    seen: { target: 'stuck' },
    asks: [...repairs('50/50'), 'record WaitingPromotion rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: [canary(whyStuck), late(canary(whyStuck)), scaledDown],
      tells: [`Progress deadline exceeded ${canary(whyStuck)}`],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary without pods gets them again and is waited for',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { target: 'none' },
    asks: [...repairs('80/20'), 'scaleTarget running'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [noPods] },
  },
  {
    title: 'one that was stuck when somebody took its pods away is not rolled back for that',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { target: 'stuck', pods: { target: 0 } },
    asks: [...repairs('80/20'), 'scaleTarget running'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyStuck)] },
  },
  {
    title: 'the share of a canary that has no ready pod left is lent to the primary, and stays its own in the status',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { target: 'waiting', available: { target: 0 } },
    asks: repairs('100/0'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary that has ready pods keeps its share while others start',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { target: 'waiting', available: { target: 1 } },
    asks: repairs('80/20'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
  {
    title: 'a canary that is ready again stops the clock of the deadline',
    canary: inPhase('Progressing', { weight: 20, waited: 59_000 }),
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, waited: undefined, ...spent },
      says: ['Advance podinfo.test canary weight 30'],
    },
  },
];

export const readiness: Table = {
  about: 'Progressing and WaitingPromotion: readiness',
  rows: [...primaryRows, ...canaryRows],
};
