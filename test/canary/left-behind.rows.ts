/** What an earlier run, phase or setting has left in a status, and that it does not count any more. */
import { whyLost } from '../../canary/lost-primary.ts';
import { autoscaled, held, pods, repairs as scaledRepairs } from './autoscaled.ts';
import { failedTexts, primary } from './failing.ts';
import { answers, checks, hooks, repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyStuck, whyWaiting } from './situations.ts';

const { fails, is, refuses } = answers;

const annotations = { 'aviary.dev/drain-delay': '40s' };
const tookTraffic = is({ tookTraffic: true });
const rollback = { kind: 'rollback', cause: 'FailedChecks' } as const;
const blueGreen = { stepWeight: undefined, maxWeight: undefined, iterations: 2 } as const;
const kubernetes = { spec: { provider: 'kubernetes' }, analysis: blueGreen } as const;
const gate = 'callHook confirm-rollout gate';
const gated = hooks(['confirm-rollout', 'gate']);
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const advanced = {
  outcome: 'advanced',
  says: ['Advance podinfo.test canary weight 30'],
} as const;

const countRows: readonly Row[] = [
  {
    title: 'a bootstrap ends with all counters at zero, whatever a status had before',
    canary: inPhase('Initializing', { said: ['providers available'], weight: 30, iterations: 2, failedChecks: 3 }),
    asks: [
      'observeTarget',
      'ensureServices',
      'observeMetricProviders',
      'observeEndpoints primary',
      'ensureApex',
      'observeEndpoints apex',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'initialized',
      becomes: {
        phase: 'Initialized',
        weight: 0,
        iterations: 0,
        failedChecks: 0,
        applied: 'v1-one',
        promoted: 'v1-one',
      },
      says: ['Initialization done! podinfo.test'],
      tells: ['New Deployment detected, initialization completed.'],
    },
  },
  {
    title: 'a mirror that is switched off in mid-run ends with the next iteration',
    canary: inPhase('Progressing', { analysis: blueGreen, spec: { provider: 'istio' }, iterations: 1, mirrored: true }),
    asks: [...repairs('100/0 mirrored'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, mirrored: false, ...spent },
      says: ['Advance podinfo.test canary iteration 2/2'],
    },
  },
  {
    title: 'a promotion that failed before is taken up without the wait that it failed by',
    canary: inPhase('Failed', { weight: 100, decision: { kind: 'promote' }, waited: 90_000 }),
    seen: { equalsTarget: true },
    asks: ['observeTarget'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined, waited: undefined } },
  },
  {
    title: 'a revision whose promotion failed is Failed when its gate is shut, without traffic as well',
    canary: inPhase('Waiting', { ...kubernetes, applied: 'v1-one', decision: { kind: 'promote' } }),
    seen: { revision: 'v1-one', primary: 'stuck' },
    asks: repairsNothingLive,
    ends: { outcome: 'settled', becomes: { phase: 'Failed' } },
  },
];

const sizeRows: readonly Row[] = [
  {
    title: 'the size that the run before has asked for is released in mid-run when its time is over',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20, sizing: [9, 300_000] }),
    seen: { pods },
    asks: [...scaledRepairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: { ...advanced, becomes: { weight: 30, size: undefined, sized: undefined, ...spent } },
  },
  {
    title: 'and while a revision waits for its approval',
    canary: inPhase('Waiting', { ...autoscaled, analysis: gated, sizing: [9, 300_000] }),
    facts: { [gate]: refuses() },
    asks: [...scaledRepairs('100/0'), gate],
    ends: { outcome: 'waiting', becomes: { size: undefined, sized: undefined } },
  },
  {
    title: 'a roll-back counts for itself how many pods serve',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20, failedChecks: 5, sizing: [9, 30_000] }),
    seen: { pods },
    asks: [
      ...scaledRepairs('80/20', 'ensureScaler at least 9'),
      'record Progressing rollback',
      'record Progressing rollback sized',
      'sizePrimary 5',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 0, failedChecks: 0, ...held(5) },
      says: ['Rolling back podinfo.test failed checks threshold reached 5', scaledDown],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'as does one that is decided because an effect fails for too long',
    canary: inPhase('Progressing', { ...autoscaled, weight: 20, sizing: [9, 30_000], waited: 60_000 }),
    facts: { ensureServices: fails('unavailable', 'services: no answer') },
    asks: repairsNothingLive,
    ends: {
      outcome: 'stopped',
      becomes: { decision: 'rollback DeadlineExceeded', size: undefined, sized: undefined },
      says: ['services: no answer', 'Rolling back podinfo.test progress deadline exceeded services: no answer'],
      tells: ['Progress deadline exceeded services: no answer'],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a promotion without a share of the canary needs no size, whichever was asked for before',
    canary: inPhase('Progressing', { spec: { ...autoscaled.spec, skipAnalysis: true }, sizing: [9, 30_000] }),
    seen: { pods },
    asks: [...scaledRepairs('100/0', 'ensureScaler at least 9'), 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', size: undefined, sized: undefined, ...spent },
      says: ['Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'once the traffic is back the size does not follow the canary any more',
    canary: inPhase('Promoting', { ...autoscaled, sizing: [5, 30_000, 2] }),
    seen: { pods: { target: 9, primary: 5 } },
    asks: scaledRepairs('100/0', 'ensureScaler at least 5'),
    ends: { outcome: 'promoting', becomes: { phase: 'Finalising', ...spent } },
  },
];

const drainRows: readonly Row[] = [
  {
    title: 'a share that only the route of a pending roll-back knows of is drained',
    canary: inPhase('Failed', { annotations, decision: rollback }),
    facts: { 'ensureRoutes 100/0': tookTraffic },
    asks: ['observeTarget', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'rolledBack',
      becomes: { decision: undefined, drained: 0 },
      says: [scaledDown],
    },
  },
  {
    title: 'traffic that somebody gives pods that are to go has its time, too',
    canary: inPhase('Succeeded', { annotations, drained: 40_000 }),
    seen: { target: 'ready' },
    facts: { 'ensureRoutes 100/0': tookTraffic },
    asks: repairs('100/0'),
    ends: { outcome: 'settled', becomes: { drained: 0 } },
  },
  {
    title: 'a run whose strategy was edited drains what its route gave the canary',
    canary: inPhase('Progressing', { annotations, iterations: 1, analysis: blueGreen }),
    facts: { 'ensureRoutes 100/0': tookTraffic },
    asks: [...repairs('100/0'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, drained: 0, ...spent },
      says: ['Advance podinfo.test canary iteration 2/2'],
    },
  },
  {
    title: 'the pods go although the primary is lost',
    canary: inPhase('Failed', { annotations, drained: 40_000 }),
    seen: { primary: 'absent', target: 'ready' },
    asks: [...repairsNothingLive, 'scaleTarget zero'],
    ends: {
      outcome: 'settled',
      becomes: { drained: undefined, waited: 0 },
      says: [primary(whyLost)],
      stalled: 'PrimaryLost',
    },
  },
  {
    title: 'and while a revision in Waiting waits for the primary',
    canary: inPhase('Waiting', { annotations, drained: 40_000, analysis: gated }),
    seen: { target: 'ready', primary: 'waiting' },
    asks: [...repairsNothingLive, 'scaleTarget zero'],
    ends: { outcome: 'stopped', becomes: { drained: undefined, waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'a promotion that fails takes no pods away: what drained stays',
    canary: inPhase('Finalising', { annotations, drained: 10_000, spec: { skipAnalysis: true } }),
    seen: { primary: 'stuck' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', drained: undefined, decision: 'promote' },
      ...failedTexts(whyStuck),
    },
  },
];

export const leftBehind: Table = {
  about: 'What an earlier run has left behind',
  rows: [...countRows, ...sizeRows, ...drainRows],
};
