import { allRouted } from '../../canary/notes.ts';
import { answers, repairs } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';

const { fails } = answers;

const decision = { kind: 'rollback', cause: 'FailedChecks' } as const;
const primary = `podinfo-primary.test not ready: ${whyWaiting}`;
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const threshold = 'Rolling back podinfo.test failed checks threshold reached 5';
const carriedOut = ['observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'];
const failed = { phase: 'Failed', weight: 0, failedChecks: 0, decision: undefined } as const;
const blueGreen = { stepWeight: undefined, maxWeight: undefined, iterations: 2 } as const;

const rows: readonly Row[] = [
  {
    title: 'the decision is saved with its event and its alert before anything is done',
    canary: inPhase('Progressing', { weight: 30, failedChecks: 5, iterations: 1, mirrored: true }),
    asks: [...repairs('70/30 mirrored'), 'record Progressing rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: { ...failed, iterations: 0, mirrored: false },
      says: [threshold, scaledDown],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback that is due does not wait for a clock that was ahead at the last step and has been corrected',
    canary: inPhase('Progressing', { weight: 30, failedChecks: 5, lastStep: -3_600_000 }),
    asks: [...repairs('70/30'), 'record Progressing rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: [threshold, scaledDown],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback that was decided before a crash is carried out, without a second event or alert',
    canary: inPhase('Progressing', { weight: 30, failedChecks: 5, decision }),
    asks: carriedOut,
    ends: {
      outcome: 'rolledBack',
      promotedSays: 'Canary analysis failed, Deployment scaled to zero.',
      becomes: failed,
      says: [scaledDown],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a decided rollback does not wait for the next slot',
    canary: inPhase('WaitingPromotion', { weight: 50, decision, lastSlot: 100, lastStep: 1_000 }),
    asks: carriedOut,
    ends: { outcome: 'rolledBack', becomes: failed, says: [scaledDown], counts: ['failure completed'] },
  },
  {
    title: 'a revision that arrives now does not turn a decided rollback into a restart',
    canary: inPhase('Progressing', { weight: 30, decision }),
    seen: { revision: 'v1-three', target: 'stuck' },
    asks: carriedOut,
    ends: { outcome: 'rolledBack', becomes: failed, says: [scaledDown], counts: ['failure completed'] },
  },
  {
    title: 'routes that cannot be written keep the decision, and the canary keeps its pods',
    canary: inPhase('Progressing', { weight: 30, failedChecks: 5 }),
    facts: { 'ensureRoutes 100/0': fails('unavailable', 'routes: no answer') },
    asks: [...repairs('70/30'), 'record Progressing rollback', 'ensureRoutes 100/0'],
    ends: {
      outcome: 'stopped',
      becomes: { decision: 'rollback FailedChecks', waited: 0 },
      says: [threshold, 'routes: no answer'],
      tells: ['Failed checks threshold reached 5'],
    },
  },
  {
    title: 'routes that cannot be written for the whole deadline are Stalled, and there is no second cause',
    canary: inPhase('Progressing', { weight: 30, decision, waited: 60_000 }),
    facts: { 'ensureRoutes 100/0': fails('unavailable', 'routes: no answer') },
    asks: ['observeTarget', 'ensureRoutes 100/0'],
    ends: { outcome: 'stopped', says: ['routes: no answer'], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'pods that cannot be scaled down keep the decision',
    canary: inPhase('Progressing', { weight: 30, decision }),
    facts: { 'scaleTarget zero': fails('unavailable', 'patch deployments: no answer') },
    asks: carriedOut,
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['patch deployments: no answer'] },
  },
  {
    title: 'while the primary is not ready the canary keeps traffic and pods, in phase Failed, counted once',
    canary: inPhase('Progressing', { weight: 30, failedChecks: 5, decision }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget'],
    ends: {
      outcome: 'rolledBack',
      promotedSays: 'Canary analysis failed, primary not ready.',
      becomes: { phase: 'Failed', waited: 0 },
      says: [primary],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary without traffic keeps its pods too until the primary is ready',
    canary: inPhase('Progressing', { decision }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', waited: 0 },
      says: [primary],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a canary that was routed all traffic keeps it by weight',
    canary: inPhase('Progressing', { decision, analysis: blueGreen, iterations: 3, said: [allRouted] }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget'],
    ends: {
      outcome: 'rolledBack',
      becomes: { phase: 'Failed', weight: 100, waited: 0 },
      says: [primary],
      counts: ['failure completed'],
    },
  },
];

export const rollback: Table = { about: 'Rollback', rows };
