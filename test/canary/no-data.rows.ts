import { answers, repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { noValues, unavailable, value } = answers;

const rate = 'queryMetric builtin request-success-rate';
const errors = 'queryMetric query errors';
const both = `${rate} + ${errors}`;
const asks = [...repairs('90/10'), both];
const nothing = noValues('no values found');
const noErrors = 'Halt advancement no values found for metric: errors';
const noRate =
  'Halt advancement no values found for kuma metric request-success-rate probably podinfo.test is not receiving traffic: no values found';
const advanced = {
  outcome: 'advanced',
  becomes: { weight: 20, ...spent },
  says: ['Advance podinfo.test canary weight 20'],
} as const;

const metrics = (policies: { readonly rate?: string; readonly errors?: string }): object => ({
  webhooks: [],
  metrics: [
    { name: 'request-success-rate', thresholdRange: { min: 99 }, onNoData: policies.rate },
    { name: 'errors', query: 'sum(errors)', thresholdRange: { max: 1 }, onNoData: policies.errors },
  ],
});

const rows: readonly Row[] = [
  {
    title: 'without a policy it is a failed check, told apart from a bad value',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({}) }),
    facts: { [errors]: nothing },
    asks,
    ends: { outcome: 'noData', becomes: { failedChecks: 1, ...spent }, says: [noErrors] },
  },
  {
    title: 'pass: it counts as a passed check',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({ rate: 'pass', errors: 'pass' }) }),
    facts: { [rate]: nothing, [errors]: nothing },
    asks: [...asks, 'ensureRoutes 80/20'],
    ends: advanced,
  },
  {
    title: 'skip: the others of the round decide',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({ errors: 'skip' }) }),
    facts: { [errors]: nothing },
    asks: [...asks, 'ensureRoutes 80/20'],
    ends: advanced,
  },
  {
    title: 'skip: a round in which nothing was evaluated has not passed, and is waited for',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({ rate: 'skip', errors: 'skip' }) }),
    facts: { [rate]: nothing, [errors]: nothing },
    asks,
    ends: { outcome: 'held', becomes: { waited: 0, ...spent }, says: [noRate] },
  },
  {
    title: 'hold: values are waited for, and nothing is counted',
    canary: inPhase('Progressing', {
      weight: 10,
      failedChecks: 2,
      checkErrors: 1,
      analysis: metrics({ errors: 'hold' }),
    }),
    facts: { [errors]: nothing },
    asks,
    ends: {
      outcome: 'held',
      becomes: { checkErrors: 0, waited: 0, ...spent },
      says: [noErrors],
      readySays: `A rollout is in progress. ${noErrors}`,
    },
  },
  {
    title: 'hold: a bad value of another metric fails the check all the same',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({ rate: 'hold' }) }),
    facts: { [rate]: nothing, [errors]: value(5) },
    asks,
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: ['Halt podinfo.test advancement errors 5.00 > 1'],
    },
  },
  {
    title: 'hold: a check that could not be made is told before values that are waited for',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({ rate: 'hold' }) }),
    facts: { [rate]: nothing, [errors]: unavailable('no answer') },
    asks,
    ends: {
      outcome: 'checkError',
      becomes: { checkErrors: 1, ...spent },
      says: ['Prometheus query failed for errors: no answer'],
    },
  },
  {
    title: 'hold: the wait goes on from step to step',
    canary: inPhase('Progressing', { weight: 10, analysis: metrics({ errors: 'hold' }) }),
    facts: { [errors]: nothing },
    nth: 2,
    asks,
    ends: { outcome: 'held', becomes: { waited: 30_000, lastSlot: 101, lastStep: 0 }, says: [noErrors] },
  },
  {
    title: 'hold: beyond the deadline it is a failed check',
    canary: inPhase('Progressing', { weight: 10, waited: 60_000, analysis: metrics({ errors: 'hold' }) }),
    facts: { [errors]: nothing },
    asks,
    ends: { outcome: 'noData', becomes: { failedChecks: 1, waited: undefined, ...spent }, says: [noErrors] },
  },
  {
    title: 'hold: and so is every round after it, until there are values again',
    canary: inPhase('Progressing', { weight: 10, waited: 60_000, analysis: metrics({ errors: 'hold' }) }),
    facts: { [errors]: nothing },
    nth: 3,
    asks,
    ends: {
      outcome: 'noData',
      becomes: { failedChecks: 3, lastSlot: 102, lastStep: 0 },
      says: [noErrors],
    },
  },
];

export const noData: Table = { about: 'Metrics without values', rows };
