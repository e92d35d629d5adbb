import { answers, checks, hooks, repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase } from './situations.ts';

const { refuses } = answers;

const analysis = hooks(['confirm-traffic-increase', 'gate']);
const gate = 'callHook confirm-traffic-increase gate';
const passed = 'Confirm-traffic-increase check gate passed';
const refused = 'Halt podinfo.test advancement waiting for traffic increase approval gate';
const alert = 'Canary traffic increase is waiting for approval.';
const copies = ['record Progressing promote', 'promote'];
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';

const rows: readonly Row[] = [
  {
    title: 'an open gate is said, and the weight moves',
    canary: inPhase('Progressing', { weight: 10, analysis }),
    asks: [...repairs('90/10'), ...checks, gate, 'ensureRoutes 80/20'],
    carrying: { [gate]: { phase: 'Progressing' } },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, ...spent },
      says: [passed, 'Advance podinfo.test canary weight 20'],
    },
  },
  {
    title: 'a shut gate halts the advance without a failed check, with an alert, and stops the clock of the deadline',
    canary: inPhase('Progressing', { weight: 10, analysis, waited: 30_000 }),
    facts: { [gate]: refuses('ask again on Monday') },
    asks: [...repairs('90/10'), ...checks, gate],
    ends: {
      outcome: 'waiting',
      becomes: { waited: undefined },
      says: [refused],
      tells: [alert],
      readySays: `A rollout is in progress. ${refused}: ask again on Monday`,
    },
  },
  {
    title: 'a gate that stays shut is said at every step and alerted once',
    canary: inPhase('Progressing', { weight: 10, analysis }),
    facts: { [gate]: refuses() },
    nth: 3,
    asks: [...repairs('90/10'), ...checks, gate],
    ends: { outcome: 'waiting', says: [refused] },
  },
  {
    title: 'a gate that was opened in between is alerted again when it shuts',
    canary: inPhase('Progressing', { weight: 10, analysis, said: ['waiting for traffic'] }),
    nth: 2,
    asks: [...repairs('80/20'), ...checks, gate, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, lastSlot: 101, lastStep: 0 },
      says: [passed, 'Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'a gate with muteAlert sends no alert',
    canary: inPhase('Progressing', {
      weight: 10,
      analysis: hooks(['confirm-traffic-increase', 'gate', { muteAlert: true }]),
    }),
    facts: { [gate]: refuses() },
    asks: [...repairs('90/10'), ...checks, gate],
    ends: { outcome: 'waiting', says: [refused] },
  },
  {
    title: 'the gate is asked before the promotion too',
    canary: inPhase('Progressing', { weight: 50, analysis }),
    asks: [...repairs('50/50'), ...checks, gate, ...copies],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [passed, copying] },
  },
  {
    title: 'a gate that is shut at the maximum keeps the revision from being promoted',
    canary: inPhase('Progressing', { weight: 50, analysis }),
    facts: { [gate]: refuses() },
    asks: [...repairs('50/50'), ...checks, gate],
    ends: { outcome: 'waiting', says: [refused], tells: [alert] },
  },
  {
    title: 'in WaitingPromotion the gate is not asked again',
    canary: inPhase('WaitingPromotion', { weight: 50, analysis }),
    asks: [...repairs('50/50'), ...checks, 'record WaitingPromotion promote', 'promote'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [copying] },
  },
  {
    title: 'a failed check comes before the gate',
    canary: inPhase('Progressing', { weight: 10, analysis }),
    facts: { 'callHook rollout load-test': refuses('no') },
    asks: [...repairs('90/10'), 'callHook rollout load-test'],
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: ['Halt podinfo.test advancement external check load-test failed no'],
    },
  },
];

export const trafficGate: Table = { about: 'The confirm-traffic-increase gate', rows };
