/** What a run notes for its later steps, and what it forgets again: seen from outside only steps later. */
import { whyLost } from '../../canary/lost-primary.ts';
import { allRouted, noValuesTooLong, preRolloutOwed, waitingForTraffic, withoutPrimary } from '../../canary/notes.ts';
import { autoscaled, repairs as scaledRepairs } from './autoscaled.ts';
import { leaving } from './leaving.ts';
import { answers, checks, hooks, repairs, repairsNothingLive, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';
import { notReady, started, starts } from './starting.ts';

const { fails, is } = answers;

const advanced = {
  outcome: 'advanced',
  becomes: { weight: 30, ...spent },
  says: ['Advance podinfo.test canary weight 30'],
} as const;
const advancing = [...repairs('80/20'), ...checks, 'ensureRoutes 70/30'];
const looks = ['observeTarget', 'ensureServices', 'observeMetricProviders'];
const available = 'providers available';
const unavailable = 'providers unavailable: no answer';
const targetRaised = 'deletion: target raised';
const blueGreen = { stepWeight: undefined, maxWeight: undefined } as const;

const noteRows: readonly Row[] = [
  {
    title: 'values that come back are waited for as long as ever, should they go again',
    canary: inPhase('Progressing', { weight: 20, said: [noValuesTooLong] }),
    asks: advancing,
    ends: { ...advanced, remembers: { said: [] } },
  },
  {
    title: 'a primary that is ready is waited for from then on, also by a run that began without it',
    canary: inPhase('Progressing', { weight: 20, said: [withoutPrimary] }),
    asks: advancing,
    ends: { ...advanced, remembers: { said: [] } },
  },
  {
    title: 'a run that loses its primary goes on without it',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { primary: 'absent' },
    asks: [...repairsNothingLive, 'ensureRoutes 0/100'],
    ends: {
      outcome: 'advanced',
      becomes: { weight: 100, ...spent },
      says: [notReady(whyLost), 'Routing all traffic to canary'],
      remembers: { said: [withoutPrimary] },
    },
  },
  {
    title: 'a fix that begins under traffic owes the pre-rollout hooks, and waits for no primary',
    canary: inPhase('Failed', { weight: 100, decision: { kind: 'promote' }, said: ['of the run before'] }),
    seen: { revision: 'v1-three', primary: 'stuck' },
    asks: [...repairsNothingLive, ...starts],
    ends: {
      ...started,
      becomes: { phase: 'Progressing', applied: 'v1-three', run: 'new', lastSlot: 100, decision: undefined },
      remembers: { said: [withoutPrimary, preRolloutOwed] },
    },
  },
  {
    title: 'a traffic gate that opens ends the streak of its refusals: the next one is alerted',
    canary: inPhase('Progressing', {
      weight: 20,
      said: [waitingForTraffic],
      analysis: hooks(['confirm-traffic-increase', 'gate']),
    }),
    asks: [...repairs('80/20'), ...checks, 'callHook confirm-traffic-increase gate', 'ensureRoutes 70/30'],
    ends: {
      ...advanced,
      says: ['Confirm-traffic-increase check gate passed', ...advanced.says],
      remembers: { said: [] },
    },
  },
  {
    title: 'Blue/Green that is given more iterations is to be approved anew',
    canary: inPhase('Progressing', { analysis: { ...blueGreen, iterations: 4 }, iterations: 3, said: [allRouted] }),
    asks: [...repairs('100/0'), ...checks],
    ends: {
      outcome: 'advanced',
      becomes: { iterations: 4, ...spent },
      says: ['Advance podinfo.test canary iteration 4/4'],
      remembers: { said: [] },
    },
  },
  {
    title: 'providers that answer again are told of, and forgotten as missing',
    canary: inPhase('Initializing', { said: [unavailable] }),
    seen: { primary: 'waiting' },
    asks: looks,
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: ['all the metrics providers are available!', notReady(whyWaiting)],
      remembers: { said: [available] },
    },
  },
  {
    title: 'providers that go away are told of, and forgotten as there',
    canary: inPhase('Initializing', { said: [available] }),
    seen: { primary: 'waiting' },
    facts: { observeMetricProviders: is({ kind: 'unavailable', detail: 'no answer' }) },
    asks: looks,
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: ['Error checking metric providers: no answer', notReady(whyWaiting)],
      remembers: { said: [unavailable] },
    },
  },
];

const deletionRows: readonly Row[] = [
  {
    title: 'what a deletion has noted that was undone does not count in the next',
    canary: leaving('Succeeded', { said: [targetRaised, 'warned: of the run'] }),
    asks: ['observeNamespace'],
    ends: {
      outcome: 'terminating',
      becomes: { phase: 'Terminating' },
      says: ['Terminating canary podinfo.test'],
      remembers: { said: ['warned: of the run'] },
    },
  },
  {
    title: 'what was waited for is said again, should it go once more',
    canary: leaving('Terminating', { said: [targetRaised, 'deletion: waits for pods'] }),
    facts: { restoreRoutes: is({ changed: true }) },
    asks: ['observeNamespace', 'restoreTarget', 'restoreApex', 'observeEndpoints apex', 'restoreRoutes'],
    ends: { outcome: 'terminating', remembers: { said: [targetRaised] } },
  },
  {
    title: 'a wait for another thing takes the place of the one before',
    canary: leaving('Terminating', { said: [targetRaised, 'deletion: waits for pods'] }),
    facts: { restoreApex: fails('forbidden', 'patch services: forbidden') },
    asks: ['observeNamespace', 'restoreTarget', 'restoreApex'],
    ends: {
      outcome: 'terminating',
      becomes: { waited: 0 },
      says: ['patch services: forbidden'],
      remembers: { said: [targetRaised, 'deletion: waits for patch services: forbidden'] },
    },
  },
];

const steadyRows: readonly Row[] = [
  {
    title: 'a step of the analysis notes how many pods it has found ready',
    canary: inPhase('Progressing', { weight: 20 }),
    seen: { pods: { target: 3, primary: 2 } },
    asks: advancing,
    ends: { ...advanced, remembers: { steady: { canary: 3, primary: 2 } } },
  },
  {
    title: 'the copy makes the primary another one: how many of it were ready is forgotten',
    canary: inPhase('Progressing', { weight: 50, steady: { canary: 3, primary: 2 }, decision: { kind: 'promote' } }),
    asks: ['promote'],
    ends: {
      outcome: 'promoting',
      becomes: { phase: 'Promoting', decision: undefined, ...spent },
      remembers: { steady: { canary: 3 } },
    },
  },
  {
    title: 'a step of the promotion notes them anew',
    canary: inPhase('Promoting', { weight: 50 }),
    seen: { pods: { target: 3, primary: 2 } },
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    ends: {
      outcome: 'advanced',
      becomes: { phase: 'Finalising', weight: 0, ...spent },
      says: ['Routing all traffic to primary'],
      remembers: { steady: { canary: 3, primary: 2 } },
    },
  },
  {
    title: 'a size that grows is waited for: the pods that were ready until now are not enough',
    canary: inPhase('Promoting', { ...autoscaled, weight: 50, sizing: [5, 30_000, 2], steady: { primary: 5 } }),
    seen: { pods: { target: 4, primary: 5 } },
    facts: { 'sizePrimary 6': is({ raised: true }) },
    asks: [...scaledRepairs('50/50', 'ensureScaler at least 5'), 'sizePrimary 6'],
    ends: { outcome: 'promoting', becomes: { size: 6, waited: 0 }, remembers: { steady: {} } },
  },
  {
    title: 'a roll-back that adds pods to the primary does not call it unready for them',
    canary: inPhase('Progressing', {
      ...autoscaled,
      weight: 50,
      failedChecks: 5,
      decision: { kind: 'rollback', cause: 'FailedChecks' },
      steady: { canary: 3 },
    }),
    seen: { pods: { target: 3, primary: 2 } },
    facts: { 'sizePrimary 5': is({ raised: true }) },
    asks: ['observeTarget', 'record Progressing rollback sized', 'sizePrimary 5'],
    ends: {
      outcome: 'stopped',
      becomes: { size: 5, sized: 0, waited: 0 },
      remembers: { steady: { canary: 3, primary: 2 } },
    },
  },
];

export const remembered: Table = {
  about: 'What a run remembers, and forgets',
  rows: [...noteRows, ...deletionRows, ...steadyRows],
};
