import { failedTexts, primary } from '../failing.ts';
import { repairsNothingLive } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';

const rows: readonly Row[] = [
  {
    title: 'the share of a primary without a ready pod goes to the proven pods until it has some again',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'waiting', available: { primary: 0 } },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'promoting',
      becomes: { weight: 100, waited: 0 },
      says: ['Routing all traffic to canary', primary(whyWaiting)],
    },
  },
  {
    title: 'a primary that has pods of the revision before keeps its share',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'waiting', available: { primary: 1 } },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'a canary that has all of it already is given nothing',
    canary: inPhase('Promoting', { weight: 100 }),
    seen: { primary: 'waiting', available: { primary: 0 } },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'nor is one without ready pods',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'waiting', target: 'waiting', available: { primary: 0 } },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'nor one that was not analysed and has no share',
    canary: inPhase('Promoting', { spec: { skipAnalysis: true } }),
    seen: { primary: 'waiting', available: { primary: 0 } },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'pods of a revision that was not analysed are given nothing',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'waiting', available: { primary: 0 }, revision: 'v1-three' },
    asks: repairsNothingLive,
    ends: { outcome: 'promoting', becomes: { waited: 0 }, says: [primary(whyWaiting)] },
  },
  {
    title: 'when the promotion fails a revision that arrived meanwhile is given no traffic: it will be analysed',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'stuck', available: { primary: 1 }, revision: 'v1-three' },
    asks: repairsNothingLive,
    ends: { outcome: 'rolledBack', becomes: { phase: 'Failed', decision: 'promote' }, ...failedTexts(whyStuck) },
  },
  {
    title: 'unless the primary has nobody left who answers',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'stuck', available: { primary: 0 }, revision: 'v1-three' },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 100, decision: 'promote' },
      ...failedTexts(whyStuck),
    },
  },
  {
    title: 'and it has pods that do: those that are not there are not asked for',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'stuck', target: 'none', available: { primary: 0 }, revision: 'v1-three' },
    asks: repairsNothingLive,
    ends: { outcome: 'rolledBack', becomes: { phase: 'Failed', decision: 'promote' }, ...failedTexts(whyStuck) },
  },
  {
    title: 'a fix whose pods do not start yet ends the failed promotion too, and runs at the next step',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { primary: 'stuck', target: 'waiting', revision: 'v1-three' },
    asks: repairsNothingLive,
    ends: { outcome: 'rolledBack', becomes: { phase: 'Failed', decision: 'promote' }, ...failedTexts(whyStuck) },
  },
];

export const proven: Table = { about: 'Promoting: what is proven serves', rows };
