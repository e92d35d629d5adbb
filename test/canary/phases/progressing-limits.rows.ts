import { answers, checks, hooks, repairs, repairsNothingLive, spent } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyWaiting } from '../situations.ts';

const { fails, passes } = answers;

const primary = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const canary = (why: string): string => `canary deployment podinfo.test not ready: ${why}`;
const scaledDown = 'Canary failed! Scaling down podinfo.test';
const rollsBack = ['record Progressing rollback', 'ensureRoutes 100/0', 'scaleTarget zero'];
const failed = { phase: 'Failed', weight: 0, failedChecks: 0, waited: undefined } as const;
const restarted = {
  outcome: 'restarted',
  says: ['New revision detected! Restarting analysis for podinfo.test'],
} as const;
const abortable = hooks(['rollback', 'abort'], ['rollback', 'other']);
const abort = 'callHook rollback abort';
const other = 'callHook rollback other';
const noSignals = ['Rollback hook abort not signaling a rollback', 'Rollback hook other not signaling a rollback'];

const hookRows: readonly Row[] = [
  {
    title: 'rollback hooks are asked first, even while pods are stuck, and the first that passes rolls back',
    canary: inPhase('Progressing', { weight: 20, analysis: abortable }),
    seen: { target: 'stuck' },
    facts: { [abort]: passes },
    asks: [abort, 'record Progressing rollback', 'observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    carrying: { [abort]: { phase: 'Progressing' } },
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: ['Rollback check abort passed', 'Rolling back podinfo.test manual webhook invoked', scaledDown],
      tells: ['Rolling back manual webhook invoked'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback hook that is left open takes back every later run in its first step, before any check',
    canary: inPhase('Progressing', { analysis: abortable }),
    facts: { [abort]: passes },
    asks: [abort, 'record Progressing rollback', 'observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: ['Rollback check abort passed', 'Rolling back podinfo.test manual webhook invoked', scaledDown],
      tells: ['Rolling back manual webhook invoked'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a rollback hook that nobody may ask is told apart from one that gives no signal, and the next one is asked',
    canary: inPhase('WaitingPromotion', { weight: 50, analysis: abortable }),
    facts: { [abort]: fails('forbidden', 'address refused'), [other]: passes },
    asks: [abort, other, 'record WaitingPromotion rollback', 'observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: [
        'Rollback hook abort not signaling a rollback',
        'Rollback hook abort could not be asked: address refused',
        'Rollback check other passed',
        'Rolling back podinfo.test manual webhook invoked',
        scaledDown,
      ],
      tells: ['Rolling back manual webhook invoked'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'in WaitingPromotion they are asked too',
    canary: inPhase('WaitingPromotion', { weight: 50, analysis: abortable }),
    facts: { [other]: passes },
    asks: [abort, other, 'record WaitingPromotion rollback', 'observeTarget', 'ensureRoutes 100/0', 'scaleTarget zero'],
    carrying: { [other]: { phase: 'WaitingPromotion' } },
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: [
        'Rollback hook abort not signaling a rollback',
        'Rollback check other passed',
        'Rolling back podinfo.test manual webhook invoked',
        scaledDown,
      ],
      tells: ['Rolling back manual webhook invoked'],
      counts: ['failure completed'],
    },
  },
  ...(
    [
      [
        'a target that cannot be read',
        { facts: { observeTarget: fails('other', 'broken') } },
        ['observeTarget'],
        'broken',
      ],
      ['a primary that is not ready', { seen: { primary: 'waiting' } }, repairsNothingLive, primary(whyWaiting)],
      ['a canary that is not ready', { seen: { target: 'waiting' } }, repairs('80/20'), canary(whyWaiting)],
    ] as const
  ).map(
    ([what, given, asks, said]): Row => ({
      title: `what rollback hooks answered is said when ${what} ends the step`,
      canary: inPhase('Progressing', { weight: 20, analysis: abortable }),
      ...given,
      asks: [abort, other, ...asks],
      ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [...noSignals, said] },
    }),
  ),
  {
    title: 'what rollback hooks answered is said when a new revision ends the step',
    canary: inPhase('Progressing', { weight: 0, analysis: abortable }),
    seen: { revision: 'v1-three' },
    asks: [abort, other, ...repairs('100/0')],
    ends: {
      ...restarted,
      becomes: { applied: 'v1-three', run: 'new', ...spent },
      says: [...noSignals, ...restarted.says],
    },
  },
];

const limitRows: readonly Row[] = [
  {
    title: 'at the threshold of failed checks the run is rolled back, before anything is checked again',
    canary: inPhase('Progressing', { weight: 20, failedChecks: 5 }),
    asks: [...repairs('80/20'), ...rollsBack],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: ['Rolling back podinfo.test failed checks threshold reached 5', scaledDown],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'one failed check below the threshold the checks go on',
    canary: inPhase('Progressing', { weight: 20, failedChecks: 4 }),
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, ...spent },
      says: ['Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'as many checks in a row that could not be made roll back in words of their own',
    canary: inPhase('WaitingPromotion', { weight: 50, checkErrors: 5 }),
    asks: [...repairs('50/50'), 'record WaitingPromotion rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'rolledBack',
      becomes: failed,
      says: ['Rolling back podinfo.test checks could not be made 5 times in a row', scaledDown],
      tells: ['Checks could not be made 5 times in a row'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'the limit of checks that could not be made may be another one',
    canary: inPhase('Progressing', {
      weight: 20,
      checkErrors: 5,
      annotations: { 'aviary.dev/check-error-limit': '6' },
    }),
    asks: [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, checkErrors: 0, ...spent },
      says: ['Advance podinfo.test canary weight 30'],
    },
  },
  {
    title: 'with skipAnalysis a ready canary is promoted without a check, whatever was counted before',
    canary: inPhase('Progressing', { spec: { skipAnalysis: true }, failedChecks: 5 }),
    asks: [...repairs('100/0'), 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: ['Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'skipAnalysis that is switched on in mid-run promotes at the traffic that the canary has',
    canary: inPhase('Progressing', { spec: { skipAnalysis: true }, weight: 30 }),
    asks: [...repairs('70/30'), 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: ['Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'with skipAnalysis rollback hooks are not asked either: the switch is the last word',
    canary: inPhase('Progressing', { spec: { skipAnalysis: true }, analysis: abortable, weight: 30 }),
    asks: [...repairs('70/30'), 'record Progressing promote', 'promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', ...spent },
      says: ['Copying podinfo.test template spec to podinfo-primary.test'],
    },
  },
  {
    title: 'with skipAnalysis the canary must be ready too',
    canary: inPhase('Progressing', { spec: { skipAnalysis: true } }),
    seen: { target: 'waiting' },
    asks: repairs('100/0'),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [canary(whyWaiting)] },
  },
];

export const limits: Table = {
  about: 'Progressing and WaitingPromotion: rollback hooks and limits',
  rows: [...hookRows, ...limitRows],
};
