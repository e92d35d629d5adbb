import { flaggerId } from '../../canary/identity.ts';
import { answers, checks, hooks, repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';

const { fails, is, refuses } = answers;

const analysis = hooks(['confirm-promotion', 'gate']);
const gate = 'callHook confirm-promotion gate';
const passed = 'Confirm-promotion check gate passed';
const refused = 'Halt podinfo.test advancement waiting for promotion approval gate';
const copies = ['record Progressing promote', 'promote'];
const copying = 'Copying podinfo.test template spec to podinfo-primary.test';
const promoting = { outcome: 'promoting', becomes: { phase: 'Promoting', ...spent }, says: [copying] } as const;
const decided = { decision: { kind: 'promote' } } as const;
const configs = { 'configmap/podinfo-config': '241889ca0604e333' };
const moved = is({ kind: 'revisionMoved', now: { template: 'v1-three' } });
const restarting = 'New revision detected! Restarting analysis for podinfo.test';

const gateRows: readonly Row[] = [
  {
    title: 'an open gate is said, and the revision is promoted',
    canary: inPhase('Progressing', { weight: 50, analysis }),
    asks: [...repairs('50/50'), ...checks, gate, ...copies],
    carrying: { [gate]: { phase: 'Progressing' } },
    ends: { ...promoting, says: [passed, copying] },
  },
  {
    title: 'a shut gate leads to WaitingPromotion, which keeps the weight, with event and alert',
    canary: inPhase('Progressing', { weight: 50, analysis }),
    facts: { [gate]: refuses('ask again on Monday') },
    asks: [...repairs('50/50'), ...checks, gate],
    ends: {
      outcome: 'waiting',
      becomes: { phase: 'WaitingPromotion', ...spent },
      says: [refused],
      tells: ['Canary promotion is waiting for approval.'],
      readySays: `A rollout is in progress. ${refused}: ask again on Monday`,
    },
  },
  {
    title: 'a gate with muteAlert sends no alert',
    canary: inPhase('Progressing', {
      weight: 50,
      analysis: hooks(['confirm-promotion', 'gate', { muteAlert: true }]),
    }),
    facts: { [gate]: refuses() },
    asks: [...repairs('50/50'), ...checks, gate],
    ends: { outcome: 'waiting', becomes: { phase: 'WaitingPromotion', ...spent }, says: [refused] },
  },
  {
    title: 'in WaitingPromotion the checks go on, and a gate that stays shut is not said again',
    canary: inPhase('WaitingPromotion', { weight: 50, analysis }),
    facts: { [gate]: refuses() },
    asks: [...repairs('50/50'), ...checks, gate],
    carrying: { [gate]: { phase: 'Progressing' }, 'callHook rollout load-test': { phase: 'Progressing' } },
    ends: { outcome: 'waiting', becomes: spent },
  },
  {
    title: 'in WaitingPromotion a gate that opens lets the revision be promoted',
    canary: inPhase('WaitingPromotion', { weight: 50, analysis }),
    asks: [...repairs('50/50'), ...checks, gate, 'record WaitingPromotion promote', 'promote'],
    ends: { ...promoting, says: [passed, copying] },
  },
  {
    title: 'all gates must be open in the same step',
    canary: inPhase('WaitingPromotion', {
      weight: 50,
      analysis: hooks(['confirm-promotion', 'gate'], ['confirm-promotion', 'other']),
    }),
    facts: { 'callHook confirm-promotion other': refuses() },
    asks: [...repairs('50/50'), ...checks, gate, 'callHook confirm-promotion other'],
    ends: { outcome: 'waiting', becomes: spent, says: [passed] },
  },
];

const copyRows: readonly Row[] = [
  {
    title: 'the decision is saved with its event, then exactly the analysed revision is copied',
    canary: inPhase('Progressing', { weight: 50, configs }),
    asks: [...repairs('50/50'), ...checks, ...copies],
    carrying: {
      promote: {
        revision: { template: 'v1-two', configs },
        flaggerId: flaggerId(inPhase('Progressing'), { template: 'v1-two', configs }),
      },
    },
    ends: promoting,
  },
  {
    title: 'a promotion that was decided before a crash is carried out without a second event and without checks',
    canary: inPhase('Progressing', { weight: 50, ...decided }),
    asks: ['promote'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined, ...spent } },
  },
  {
    title: 'a decided promotion does not wait for the next slot',
    canary: inPhase('WaitingPromotion', { weight: 50, lastSlot: 100, lastStep: 1_000, ...decided }),
    asks: ['promote'],
    ends: { outcome: 'promoting', becomes: { phase: 'Promoting', decision: undefined, ...spent } },
  },
  {
    title: 'a target that changed since it was analysed is not copied: the analysis starts over',
    canary: inPhase('Progressing', { weight: 50 }),
    facts: { promote: moved },
    asks: [...repairs('50/50'), ...checks, ...copies, 'ensureRoutes 100/0'],
    ends: {
      outcome: 'restarted',
      becomes: { weight: 0, applied: 'v1-three', run: 'new', ...spent },
      says: [copying, restarting],
    },
  },
  {
    title: 'no traffic is taken back to a primary that is not ready: the restart waits for it',
    canary: inPhase('Progressing', { weight: 50, ...decided }),
    seen: { primary: 'waiting' },
    facts: { promote: moved },
    asks: ['promote', 'observeTarget'],
    ends: {
      outcome: 'stopped',
      becomes: { decision: undefined, waited: 0 },
      says: [`podinfo-primary.test not ready: ${whyWaiting}`],
    },
  },
  {
    title: 'a copy that cannot be made is tried again in the next step',
    canary: inPhase('Progressing', { weight: 50 }),
    facts: { promote: fails('forbidden', 'apply deployments: forbidden') },
    asks: [...repairs('50/50'), ...checks, ...copies],
    ends: {
      outcome: 'stopped',
      becomes: { decision: 'promote', waited: 0 },
      says: [copying, 'apply deployments: forbidden'],
    },
  },
  {
    title: 'a copy that cannot be made for the whole deadline is rolled back in the next step',
    canary: inPhase('Progressing', { weight: 50, waited: 60_000, ...decided }),
    facts: { promote: fails('forbidden', 'apply deployments: forbidden') },
    asks: ['promote'],
    ends: {
      outcome: 'stopped',
      becomes: { decision: 'rollback DeadlineExceeded' },
      says: [
        'apply deployments: forbidden',
        'Rolling back podinfo.test progress deadline exceeded apply deployments: forbidden',
      ],
      tells: ['Progress deadline exceeded apply deployments: forbidden'],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a promotion starts although the primary is not ready when the canary has all traffic',
    canary: inPhase('Progressing', { weight: 100, analysis: { maxWeight: 100 } }),
    seen: { primary: 'waiting' },
    asks: [...repairsNothingLive, ...checks, ...copies],
    ends: { ...promoting, says: [`podinfo-primary.test not ready: ${whyWaiting}`, copying] },
  },
];

export const promotionGate: Table = { about: 'The confirm-promotion gate', rows: gateRows };
export const copy: Table = { about: 'The copy to the primary', rows: copyRows };
