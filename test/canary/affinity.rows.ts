import { derivedLetters } from '../../canary/identity.ts';
import { answers, checks, preRollout, repairs, spent } from './rows.ts';
import type { Row, Table } from './rows.ts';
import { inPhase, whyWaiting } from './situations.ts';
import type { Situation } from './situations.ts';
import { storyCanary } from './story.ts';

const { uid } = storyCanary();
const spec = { provider: 'gatewayapi:v1', service: { port: 9898, gatewayRefs: [{ name: 'public' }] } };
const both = { sessionAffinity: { cookieName: 'side', primaryCookieName: 'home' } };
const alone = { sessionAffinity: { cookieName: 'side' } };

const side = `side=${derivedLetters('canary cookie', uid, 'run-two')}`;
const home = (weight: number, way = 'up'): string =>
  `home=${derivedLetters('primary cookie', uid, 'run-two', way, String(weight))}`;

const at = (weight: number, situation: Situation = {}) =>
  inPhase('Progressing', { analysis: both, spec, weight, ...situation });
const known = { canaryCookie: 'side=ofTheRun', primaryCookie: 'home=ofTheStep' };
const advancing = (from: number, to: number): readonly string[] => [
  ...repairs(`${100 - from}/${from}`),
  ...(from === 0 ? [preRollout] : checks),
  `ensureRoutes ${100 - to}/${to}`,
];
const advance = (weight: number): string => `Advance podinfo.test canary weight ${weight}`;
const unready = `canary deployment podinfo.test not ready: ${whyWaiting}`;
const starting = ['Starting canary analysis for podinfo.test', 'Pre-rollout check acceptance-test passed'];

const stepRows: readonly Row[] = [
  {
    title:
      'a canary that lends its share, for nobody in it answers, keeps its cookies and makes no browser forget them',
    canary: at(20, known),
    seen: { target: 'waiting', available: { target: 0 } },
    asks: repairs('100/0'),
    carrying: { 'ensureRoutes 100/0': { cookies: {} } },
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [unready] },
  },
  {
    title: 'the first share brings both cookies, saved together with its weight',
    canary: at(0),
    asks: advancing(0, 10),
    carrying: {
      'ensureRoutes 100/0': { cookies: {} },
      'ensureRoutes 90/10': { cookies: { canary: side, primary: home(10) } },
    },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 10, canaryCookie: side, primaryCookie: home(10), ...spent },
      says: [...starting, advance(10)],
    },
  },
  {
    title: 'each step keeps the cookie of the canary and makes a new one for the primary',
    canary: at(10, known),
    asks: advancing(10, 20),
    carrying: {
      'ensureRoutes 90/10': { cookies: { canary: 'side=ofTheRun', primary: 'home=ofTheStep' } },
      'ensureRoutes 80/20': { cookies: { canary: 'side=ofTheRun', primary: home(20) } },
    },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, primaryCookie: home(20), ...spent },
      says: [advance(20)],
    },
  },
  {
    title: 'a step whose route was written and whose status was not repeats its cookies, in a later slot too',
    canary: at(10, known),
    at: { slot: 107 },
    asks: advancing(10, 20),
    carrying: { 'ensureRoutes 80/20': { cookies: { canary: 'side=ofTheRun', primary: home(20) } } },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, primaryCookie: home(20), lastSlot: 107, lastStep: 0 },
      says: [advance(20)],
    },
  },
  {
    title: 'there is no cookie of the primary without a name for it',
    canary: at(10, { analysis: alone, canaryCookie: 'side=ofTheRun' }),
    asks: advancing(10, 20),
    carrying: { 'ensureRoutes 80/20': { cookies: { canary: 'side=ofTheRun' } } },
    ends: { outcome: 'advanced', becomes: { weight: 20, ...spent }, says: [advance(20)] },
  },
  {
    title: 'a repair keeps the cookies of the weight when a check fails',
    canary: at(10, known),
    facts: { 'callHook rollout load-test': answers.refuses('no') },
    asks: [...repairs('90/10'), 'callHook rollout load-test'],
    carrying: { 'ensureRoutes 90/10': { cookies: { canary: 'side=ofTheRun', primary: 'home=ofTheStep' } } },
    ends: {
      outcome: 'failedCheck',
      becomes: { failedChecks: 1, ...spent },
      says: ['Halt podinfo.test advancement external check load-test failed no'],
    },
  },
  {
    title: 'a route that could not be written leaves the cookies of the old weight in the status',
    canary: at(10, known),
    facts: { 'ensureRoutes 80/20': answers.fails('unavailable', 'routes: no answer') },
    asks: advancing(10, 20),
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['routes: no answer'] },
  },
  {
    title: 'a cookie of another name is that of an edited Canary: it is made anew',
    canary: at(10, { canaryCookie: 'old=ofTheRun', primaryCookie: 'older=ofTheStep' }),
    asks: advancing(10, 20),
    carrying: { 'ensureRoutes 90/10': { cookies: { canary: side, primary: home(10) } } },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 20, canaryCookie: side, primaryCookie: home(20), ...spent },
      says: [advance(20)],
    },
  },
];

const backRows: readonly Row[] = [
  {
    title: 'promotion in steps makes a new cookie for the primary at each, another one than on the way up',
    canary: inPhase('Promoting', { analysis: { ...both, stepWeightPromotion: 20 }, spec, weight: 50, ...known }),
    asks: [...repairs('50/50'), 'ensureRoutes 70/30'],
    carrying: { 'ensureRoutes 70/30': { cookies: { canary: 'side=ofTheRun', primary: home(30, 'back') } } },
    ends: {
      outcome: 'advanced',
      becomes: { weight: 30, primaryCookie: home(30, 'back'), ...spent },
      says: ['Advance podinfo.test primary weight 70'],
    },
  },
  {
    title: 'when the last share leaves after a promotion the cookie of the canary is to be forgotten',
    canary: inPhase('Promoting', { analysis: both, spec, weight: 50, ...known }),
    asks: [...repairs('50/50'), 'ensureRoutes 100/0'],
    carrying: { 'ensureRoutes 100/0': { cookies: { previous: 'side=ofTheRun' } } },
    ends: {
      outcome: 'advanced',
      becomes: {
        phase: 'Finalising',
        weight: 0,
        canaryCookie: undefined,
        primaryCookie: undefined,
        previousCookie: 'side=ofTheRun',
        ...spent,
      },
      says: ['Routing all traffic to primary'],
    },
  },
  {
    title: 'so it is when a run is rolled back',
    canary: at(10, { ...known, previousCookie: 'side=ofBefore', failedChecks: 5 }),
    asks: [...repairs('90/10'), 'record Progressing rollback', 'ensureRoutes 100/0', 'scaleTarget zero'],
    carrying: { 'ensureRoutes 100/0': { cookies: { previous: 'side=ofTheRun' } } },
    ends: {
      outcome: 'rolledBack',
      becomes: {
        phase: 'Failed',
        weight: 0,
        failedChecks: 0,
        canaryCookie: undefined,
        primaryCookie: undefined,
        previousCookie: 'side=ofTheRun',
      },
      says: ['Rolling back podinfo.test failed checks threshold reached 5', 'Canary failed! Scaling down podinfo.test'],
      tells: ['Failed checks threshold reached 5'],
      counts: ['failure completed'],
    },
  },
  {
    title: 'a settled canary goes on telling browsers to forget it',
    canary: inPhase('Failed', { analysis: both, spec, previousCookie: 'side=ofTheRun' }),
    asks: repairs('100/0'),
    carrying: { 'ensureRoutes 100/0': { cookies: { previous: 'side=ofTheRun' } } },
    ends: { outcome: 'settled' },
  },
  {
    title: 'a cookie that the reference left at weight 0 is to be forgotten, too',
    canary: inPhase('Succeeded', {
      analysis: both,
      spec,
      canaryCookie: 'side=ofFlagger',
      primaryCookie: 'home=ofFlagger',
    }),
    asks: repairs('100/0'),
    ends: {
      outcome: 'settled',
      becomes: { canaryCookie: undefined, primaryCookie: undefined, previousCookie: 'side=ofFlagger' },
    },
  },
  {
    title: 'where affinity is no longer asked for, no cookie is left in the status',
    canary: inPhase('Progressing', { spec, weight: 10, ...known, previousCookie: 'side=ofBefore' }),
    asks: advancing(10, 20),
    ends: {
      outcome: 'advanced',
      becomes: {
        weight: 20,
        canaryCookie: undefined,
        primaryCookie: undefined,
        previousCookie: undefined,
        ...spent,
      },
      says: [advance(20)],
    },
  },
];

export const affinity: Table = { about: 'Session affinity', rows: [...stepRows, ...backRows] };
