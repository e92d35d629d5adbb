import { whyLost } from '../../canary/lost-primary.ts';
import { allRouted } from '../../canary/notes.ts';
import { answers, checks, hooks, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';
import { started, starts } from './starting.ts';

const lost = `podinfo-primary.test not ready: ${whyLost}`;
const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;
const absent = { primary: 'absent' } as const;
const began = 'began without a ready primary';
const toCanary = 'Routing all traffic to canary';
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';
const rollingBack = 'Rolling back podinfo.test failed checks threshold reached 5';

const runningRows: readonly Row[] = [
  {
    title: 'a primary that is deleted in mid-run is not made of the revision that is analysed: the canary serves',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: absent,
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: { outcome: 'advanced', becomes: { weight: 100, ...spent }, says: [lost, toCanary] },
  },
  {
    title: 'as it does while the promotion waits for its approval',
    canary: inPhase('WaitingPromotion', { weight: 50 }),
    seen: absent,
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: { outcome: 'advanced', becomes: { weight: 100, ...spent }, says: [lost, toCanary] },
  },
  {
    title: 'and in A/B testing and Blue/Green',
    canary: inPhase('Progressing', {
      iterations: 1,
      analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 3 },
    }),
    seen: absent,
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: { outcome: 'advanced', becomes: { weight: 100, ...spent }, says: [lost, toCanary] },
  },
  {
    title: 'a run that passes without a primary makes it of what it has analysed',
    canary: inPhase('Progressing', { weight: 100, said: [began] }),
    seen: absent,
    asks: [...repairsNothingLive, ...checks, 'record Progressing promote', 'promote'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [lost, copying] },
  },
  {
    title: 'a run that fails without one leaves the traffic where it is served, and says what would help',
    canary: inPhase('Progressing', { weight: 100, failedChecks: 5, said: [began] }),
    seen: absent,
    asks: [...repairsNothingLive, 'record Progressing rollback'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', failedChecks: 5, decision: 'rollback FailedChecks', waited: 0 },
      says: [lost, rollingBack, lost],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
      stalled: 'PrimaryLost',
    },
  },
  {
    title: 'with skipAnalysis it is made anew of whatever the target is',
    canary: inPhase('Progressing', { spec: { skipAnalysis: true } }),
    seen: absent,
    asks: [...repairsNothingLive, 'ensurePrimary', 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: [
        'podinfo-primary.test not ready: waiting for rollout to finish: observed deployment generation less than desired generation',
        copying,
      ],
    },
  },
  {
    title: 'the kubernetes provider moves no traffic: the run goes on, and its end makes the primary',
    canary: inPhase('Progressing', {
      iterations: 3,
      said: [began, allRouted],
      spec: { provider: 'kubernetes' },
      analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 2 },
    }),
    seen: absent,
    asks: [...repairsNothingLive, ...checks, 'record Progressing promote', 'promote'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [lost, copying] },
  },
];

const failedRows: readonly Row[] = [
  {
    title: 'a primary that is deleted while a rollback waits for it leaves the canary all of the traffic',
    canary: inPhase('Failed', { weight: 30, decision }),
    seen: absent,
    asks: ['observeTarget', 'ensureRoutes 0/100'],
    ends: {
      outcome: 'stopped',
      becomes: { weight: 100, waited: 0 },
      says: [toCanary, lost],
      stalled: 'PrimaryLost',
    },
  },
  ...(['waiting', 'none'] as const).map(
    (target): Row => ({
      title: target === 'none' ? 'none is given to a canary without pods' : 'unless its pods are not ready',
      canary: inPhase('Failed', { weight: 30, decision }),
      seen: { ...absent, target },
      asks: ['observeTarget'],
      ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [lost], stalled: 'PrimaryLost' },
    }),
  ),
  {
    title: 'the promoted revision in the target makes it anew, and the rollback goes on when it is ready',
    canary: inPhase('Failed', { weight: 100, decision }),
    seen: { ...absent, revision: 'v1-one' },
    asks: ['observeTarget', 'ensurePrimary'],
    carrying: { ensurePrimary: { follow: false } },
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: [
        'podinfo-primary.test not ready: waiting for rollout to finish: observed deployment generation less than desired generation',
      ],
    },
  },
  {
    title: 'a revision that has failed becomes no primary',
    canary: inPhase('Failed'),
    seen: absent,
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { waited: 0 }, says: [lost], stalled: 'PrimaryLost' },
  },
  {
    title: 'nor do configs that have failed with a template that was promoted',
    canary: inPhase('Failed', { applied: 'v1-one', configs: { 'configmap/colors': '2222222222222222' } }),
    seen: { ...absent, revision: 'v1-one' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { waited: 0 }, says: [lost], stalled: 'PrimaryLost' },
  },
];

const restingRows: readonly Row[] = [
  ...(['Succeeded', 'Initialized', 'Failed'] as const).map(
    (phase): Row => ({
      title: `a new revision does not become the primary that is missing in ${phase}, it is run`,
      canary: inPhase(phase),
      seen: { ...absent, revision: 'v1-three' },
      asks: [...repairsNothingLive, ...starts],
      ends: { ...started, becomes: { phase: 'Progressing', applied: 'v1-three', run: 'new', lastSlot: 100 } },
    }),
  ),
  {
    title: 'not even where it waits for its approval',
    canary: inPhase('Waiting', { analysis: hooks(['confirm-rollout', 'gate']) }),
    seen: { ...absent, revision: 'v1-two' },
    facts: { 'callHook confirm-rollout gate': answers.refuses() },
    asks: [...repairsNothingLive, 'callHook confirm-rollout gate'],
    ends: { outcome: 'waiting' },
  },
  {
    title: 'as soon as its pods are ready it serves, before its first check',
    canary: inPhase('Progressing', { said: [began] }),
    seen: absent,
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: { outcome: 'advanced', becomes: { weight: 100, ...spent }, says: [lost, toCanary] },
  },
];

export const lostPrimary: Table = {
  about: 'A primary that somebody deleted',
  rows: [...runningRows, ...failedRows, ...restingRows],
};
