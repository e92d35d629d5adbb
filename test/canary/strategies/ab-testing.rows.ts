import { answers, checks, hooks, preRollout, repairs, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyWaiting } from '../situations.ts';

const { refuses } = answers;

const match = [{ headers: { 'x-canary': { exact: 'insider' } } }];
const analysis = { stepWeight: undefined, maxWeight: undefined, iterations: 2, match } as const;
const gated = { ...analysis, ...hooks(['confirm-promotion', 'gate']) } as const;
const gate = 'callHook confirm-promotion gate';
const copies = ['record Progressing promote', 'promote'];
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';

const rows: readonly Row[] = [
  {
    title: 'the first iteration gives the matching requests to the canary',
    canary: inPhase('Progressing', { analysis }),
    asks: [...repairs('100/0'), preRollout, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 1, ...spent },
      says: [
        'Starting canary analysis for podinfo.test',
        'Pre-rollout check acceptance-test passed',
        'Advance podinfo.test canary iteration 1/2',
      ],
    },
  },
  {
    title: 'each further iteration is checked under their traffic',
    canary: inPhase('Progressing', { analysis, iterations: 1 }),
    asks: [...repairs('0/100'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 2, ...spent },
      says: ['Advance podinfo.test canary iteration 2/2'],
    },
  },
  {
    title: 'after the last iteration the revision is promoted',
    canary: inPhase('Progressing', { analysis, iterations: 2 }),
    asks: [...repairs('0/100'), ...checks, ...copies],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', weight: 100, ...spent }, says: [copying] },
  },
  {
    title: 'a shut gate keeps iterations and routes',
    canary: inPhase('Progressing', { analysis: gated, iterations: 2 }),
    facts: { [gate]: refuses() },
    asks: [...repairs('0/100'), ...checks, gate],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'WaitingPromotion', ...spent },
      says: ['Halt podinfo.test advancement waiting for promotion approval gate'],
      tells: ['Canary promotion is waiting for approval.'],
    },
  },
  {
    title: 'in WaitingPromotion the route is asserted, and the gate is polled without an iteration in between',
    canary: inPhase('WaitingPromotion', { analysis: gated, iterations: 2 }),
    facts: { [gate]: refuses() },
    asks: [...repairs('0/100'), ...checks, gate],
    ends: { outcome: 'waiting', becomes: spent },
  },
  {
    title: 'who does not match is served by the primary, so the primary is waited for',
    canary: inPhase('Progressing', { analysis, iterations: 1 }),
    seen: { primary: 'waiting' },
    asks: repairsNothingLive,
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: [`podinfo-primary.test not ready: ${whyWaiting}`],
    },
  },
  {
    title: 'a canary that has the matching traffic from a promotion that failed keeps it from the start',
    canary: inPhase('Progressing', { analysis, weight: 100 }),
    asks: [...repairs('0/100'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 1, ...spent },
      says: ['Advance podinfo.test canary iteration 1/2'],
    },
  },
];

export const abTesting: Table = { about: 'A/B testing', rows };
