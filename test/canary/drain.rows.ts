import { answers, hooks, preRollout, repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';
import { started, starts } from './starting.ts';

const { fails, refuses } = answers;

const annotations = { 'aviary.dev/drain-delay': '40s' };
const tookTraffic = answers.is({ tookTraffic: true });
const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;
const until = (time: string): string => `The canary's pods finish their connections until 2026-03-01T${time}.000Z.`;
const notPromoted = 'The last revision was not promoted.';
const scaledDown = 'Canary failed! Scaling down podinfo.test';

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
    title: 'a share that only the route knows of, for its step died before it was saved, is drained too',
    canary: inPhase('Progressing', { annotations, decision }),
    facts: { 'ensureRoutes 100/0': tookTraffic },
    asks: ['observeTarget', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', decision: undefined, drained: 0 },
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'so is the share of a strategy that was edited in mid-run, from the repair on',
    canary: inPhase('Progressing', {
      annotations,
      weight: 50,
      failedChecks: 5,
      analysis: { stepWeight: undefined, maxWeight: undefined, iterations: 2 },
    }),
    facts: { 'ensureRoutes 100/0': tookTraffic },
    asks: [...repairs('100/0'), 'record Progressing rollback'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 0, failedChecks: 0, drained: 0 },
      says: ['Rolling back podinfo.test failed checks threshold reached 5', scaledDown],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary that is given a share again has nothing to finish',
    canary: inPhase('Progressing', { annotations, drained: 30_000 }),
    asks: [...repairs('100/0'), preRollout, 'ensureRoutes 90/10'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 10, drained: undefined, ...spent },
      says: [
        'Starting canary analysis for podinfo.test',
        'Pre-rollout check acceptance-test passed',
        'Advance podinfo.test canary weight 10',
      ],
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

const restartRows: readonly Row[] = [
  {
    title: 'a run of another controller that is run again leaves its pods the time, should it fail at once',
    canary: inPhase('Promoting', { annotations, weight: 50, applied: '5c8f9d7b6b', promoted: '7d9b8c6f5d' }),
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'restarted',
      becomes: {
        phase: 'Progressing',
        weight: 0,
        applied: 'v1-two',
        run: 'new',
        drained: 0,
        ...spent,
      },
      says: ['New revision detected! Restarting analysis for podinfo.test'],
    },
  },
  {
    title: 'traffic that somebody gave a canary at rest, with its pods, is taken back without an end for them',
    canary: inPhase('Succeeded', { annotations }),
    seen: { target: 'ready' },
    facts: { 'ensureRoutes 100/0': tookTraffic },
    asks: repairs('100/0'),
    ends: { outcome: 'settled' },
  },
];

export const drain: Table = {
  about: 'Connections before pods: the drain delay',
  rows: [...rollbackRows, ...settledRows, ...restartRows],
};
