import { answers, checks, duration, hooks, preRollout, repairs, spent, successRate } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { fails, noValues, refuses, unavailable, value } = answers;

const starting = 'Starting canary analysis for podinfo.test';
const preRolloutPassed = 'Pre-rollout check acceptance-test passed';
const failedOnce = { failedChecks: 1, ...spent } as const;
const rollout = 'callHook rollout load-test';
const together = `${successRate} + ${duration}`;
const advancedToTen = {
  outcome: 'advanced',
  becomes: { weight: 10, ...spent },
  says: [starting, preRolloutPassed, 'Advance podinfo.test canary weight 10'],
} as const;

const preRolloutRows: readonly Row[] = [
  {
    title: 'before any traffic the pre-rollout hooks are asked, and neither rollout hooks nor metrics',
    canary: inPhase('Progressing'),
    asks: [...repairs('100/0'), preRollout, 'ensureRoutes 90/10'],
    carrying: { [preRollout]: { phase: 'Progressing' } },
    ends: advancedToTen,
  },
  {
    title: 'a pre-rollout hook that fails is a failed check, and no traffic moves',
    canary: inPhase('Progressing'),
    facts: { [preRollout]: refuses('no token') },
    asks: [...repairs('100/0'), preRollout],
    ends: {
      outcome: 'failedCheck',
      becomes: failedOnce,
      says: [starting, 'Halt podinfo.test advancement pre-rollout check acceptance-test failed no token'],
    },
  },
  {
    title: 'a pre-rollout hook that cannot be asked is a failed check',
    canary: inPhase('Progressing'),
    facts: { [preRollout]: fails('unavailable', 'no answer') },
    asks: [...repairs('100/0'), preRollout],
    ends: {
      outcome: 'failedCheck',
      becomes: failedOnce,
      says: [starting, 'Halt podinfo.test advancement pre-rollout check acceptance-test failed no answer'],
    },
  },
  {
    title: 'the first pre-rollout hook that fails ends the round',
    canary: inPhase('Progressing', { analysis: hooks(['pre-rollout', 'second'], ['pre-rollout', 'third']) }),
    facts: { 'callHook pre-rollout second': refuses('no') },
    asks: [...repairs('100/0'), preRollout, 'callHook pre-rollout second'],
    ends: {
      outcome: 'failedCheck',
      becomes: failedOnce,
      says: [starting, preRolloutPassed, 'Halt podinfo.test advancement pre-rollout check second failed no'],
    },
  },
  {
    title: 'the start is announced again when failed pre-rollout hooks are repeated',
    canary: inPhase('Progressing'),
    facts: { [preRollout]: refuses('no token') },
    nth: 2,
    asks: [...repairs('100/0'), preRollout],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 2, lastSlot: 101, lastStep: 0 },
      says: [starting, 'Halt podinfo.test advancement pre-rollout check acceptance-test failed no token'],
    },
  },
  {
    title: 'the start is not announced again when hooks that passed are repeated at a shut gate',
    canary: inPhase('Progressing', { analysis: hooks(['confirm-traffic-increase', 'gate', { muteAlert: true }]) }),
    facts: { 'callHook confirm-traffic-increase gate': refuses() },
    nth: 2,
    asks: [...repairs('100/0'), preRollout, 'callHook confirm-traffic-increase gate'],
    ends: {
      outcome: 'waiting',
      becomes: { lastStep: 60_000 },
      says: [preRolloutPassed, 'Halt podinfo.test advancement waiting for traffic increase approval gate'],
    },
  },
  {
    title: 'a canary that had traffic before its first check gets both kinds of hooks in one step',
    canary: inPhase('Progressing', {
      weight: 100,
      said: ['began without a ready primary', 'pre-rollout hooks are owed'],
    }),
    asks: [...repairs('0/100'), preRollout, ...checks, 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: [starting, preRolloutPassed, 'Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'there too a pre-rollout hook that fails is a failed check',
    canary: inPhase('Progressing', { weight: 100, said: ['pre-rollout hooks are owed'] }),
    facts: { [preRollout]: refuses('no token') },
    nth: 2,
    asks: [...repairs('0/100'), preRollout],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 2, lastSlot: 101, lastStep: 0 },
      says: [starting, 'Halt podinfo.test advancement pre-rollout check acceptance-test failed no token'],
    },
  },
  {
    title: 'there pre-rollout hooks that passed are not asked again after a failed metric',
    canary: inPhase('Progressing', { weight: 100, said: ['pre-rollout hooks are owed'] }),
    facts: { [successRate]: value(98) },
    nth: 2,
    asks: [...repairs('0/100'), ...checks],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 2, lastSlot: 101, lastStep: 0 },
      says: ['Halt podinfo.test advancement success rate 98.00% < 99%'],
    },
  },
];

const roundRows: readonly Row[] = [
  {
    title: 'under traffic the rollout hooks are asked first, then all metrics together',
    canary: inPhase('Progressing', { weight: 10 }),
    asks: [...repairs('90/10'), rollout, together, 'ensureRoutes 80/20'],
    carrying: { [rollout]: { phase: 'Progressing' } },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, ...spent },
      says: ['Advance podinfo.test canary weight 20'],
    },
  },
  {
    title: 'a rollout hook that fails is a failed check, and no metric is asked',
    canary: inPhase('Progressing', { weight: 10 }),
    facts: { [rollout]: refuses('load test failed') },
    asks: [...repairs('90/10'), rollout],
    ends: {
      outcome: 'failedCheck',
      becomes: failedOnce,
      says: ['Halt podinfo.test advancement external check load-test failed load test failed'],
    },
  },
  {
    title: 'two metrics that fail are one failed check, told by the first',
    canary: inPhase('Progressing', { weight: 10, failedChecks: 3 }),
    facts: { [successRate]: value(98), [duration]: value(1515) },
    asks: [...repairs('90/10'), rollout, together],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 4, ...spent },
      says: ['Halt podinfo.test advancement success rate 98.00% < 99%'],
    },
  },
  {
    title: 'a failed check does not move the weight and is counted in WaitingPromotion as well',
    canary: inPhase('WaitingPromotion', { weight: 50, failedChecks: 1 }),
    facts: { [duration]: value(1515) },
    asks: [...repairs('50/50'), rollout, together],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 2, ...spent },
      says: ['Halt podinfo.test advancement request duration 1.515s > 500ms'],
    },
  },
  {
    title: 'missing values are a failed check',
    canary: inPhase('Progressing', { weight: 10 }),
    facts: { [duration]: noValues('no values found') },
    asks: [...repairs('90/10'), rollout, together],
    ends: {
      outcome: 'noData',
      becomes: failedOnce,
      says: [
        'Halt advancement no values found for kuma metric request-duration probably podinfo.test is not receiving traffic',
      ],
    },
  },
  {
    title: 'a check that could not be made is counted apart',
    canary: inPhase('Progressing', { weight: 10, failedChecks: 2, checkErrors: 1 }),
    facts: { [successRate]: unavailable('no answer') },
    asks: [...repairs('90/10'), rollout, together],
    ends: {
      outcome: 'checkError',
      becomes: { checkErrors: 2, ...spent },
      says: ['Prometheus query failed: no answer'],
    },
  },
  {
    title: 'queries that could not be sent at all are a check that could not be made',
    canary: inPhase('Progressing', { weight: 10 }),
    facts: { [together]: fails('unavailable', 'no answer') },
    asks: [...repairs('90/10'), rollout, together],
    ends: {
      outcome: 'checkError',
      becomes: { checkErrors: 1, ...spent },
      says: ['Prometheus query failed: no answer'],
    },
  },
  {
    title: 'one query that could not be sent is a check that could not be made',
    canary: inPhase('Progressing', { weight: 10 }),
    facts: { [duration]: fails('unavailable', 'no answer') },
    asks: [...repairs('90/10'), rollout, together],
    ends: {
      outcome: 'checkError',
      becomes: { checkErrors: 1, ...spent },
      says: ['Prometheus query failed: no answer'],
    },
  },
  {
    title: 'a round that could be made ends the row of those that could not',
    canary: inPhase('Progressing', { weight: 10, checkErrors: 4 }),
    asks: [...repairs('90/10'), rollout, together, 'ensureRoutes 80/20'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, checkErrors: 0, ...spent },
      says: ['Advance podinfo.test canary weight 20'],
    },
  },
  {
    title: 'a failed check ends that row too',
    canary: inPhase('Progressing', { weight: 10, checkErrors: 4 }),
    facts: { [successRate]: value(98) },
    asks: [...repairs('90/10'), rollout, together],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, checkErrors: 0, ...spent },
      says: ['Halt podinfo.test advancement success rate 98.00% < 99%'],
    },
  },
  {
    title: 'without metrics and hooks a step advances on readiness alone',
    canary: inPhase('Progressing', { weight: 10, analysis: { metrics: [], webhooks: [] } }),
    asks: [...repairs('90/10'), 'ensureRoutes 80/20'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, ...spent },
      says: ['Advance podinfo.test canary weight 20'],
    },
  },
];

export const preRolloutHooks: Table = { about: 'Checks before traffic', rows: preRolloutRows };
export const rounds: Table = { about: 'Checks under traffic', rows: roundRows };
