import { flaggerId } from '../../../canary/identity.ts';
import { answers } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase, whyStuck, whyWaiting } from '../situations.ts';

const { fails, is } = answers;

const looks = ['observeTarget', 'ensureServices', 'observeMetricProviders'];
const copies = [...looks, 'ensurePrimary'];
const available = 'all the metrics providers are available!';
const known = ['providers available'];
const notReady = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const noPods = notReady('waiting for rollout to finish: 0 out of 1 new replicas have been updated');
const late = (error: string): string => `Rolling back podinfo.test progress deadline exceeded ${error}`;
const twoId = flaggerId(inPhase('Initializing'), { template: 'v1-one' });

const primaryRows: readonly Row[] = [
  {
    title: 'a new Canary copies its target into a primary and waits for it',
    canary: inPhase(undefined),
    seen: { primary: 'absent' },
    asks: copies,
    carrying: { ensurePrimary: { follow: true, flaggerId: twoId } },
    ends: { outcome: 'initializing', becomes: { phase: 'Initializing', waited: 0 }, says: [available, noPods] },
  },
  {
    title: 'a status with a phase and without conditions is kept',
    canary: inPhase('Initialized'),
    asks: ['observeTarget', 'ensureServices', 'ensureApex', 'ensureRoutes 100/0'],
    ends: { outcome: 'settled' },
  },
  {
    title: 'a primary that is not ready is said at every step, and nothing else is touched',
    canary: inPhase('Initializing', { said: known }),
    seen: { primary: 'waiting' },
    asks: looks,
    ends: { outcome: 'initializing', becomes: { waited: 0 }, says: [notReady(whyWaiting)] },
  },
  {
    title: 'a primary past the deadline is reported as Stalled, with event and alert, and nothing is rolled back',
    canary: inPhase('Initializing', { said: known, waited: 60_000 }),
    seen: { primary: 'waiting' },
    asks: looks,
    ends: {
      outcome: 'initializing',
      says: [notReady(whyWaiting), late(notReady(whyWaiting))],
      tells: [`Progress deadline exceeded ${notReady(whyWaiting)}`],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a primary a millisecond before the deadline is only waited for',
    canary: inPhase('Initializing', { said: known, waited: 59_999 }),
    seen: { primary: 'waiting' },
    asks: looks,
    ends: { outcome: 'initializing', says: [notReady(whyWaiting)] },
  },
  {
    title: 'a primary that is stuck is reported before the deadline',
    canary: inPhase('Initializing', { said: known }),
    seen: { primary: 'stuck' },
    asks: looks,
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: [notReady(whyStuck), late(notReady(whyStuck))],
      tells: [`Progress deadline exceeded ${notReady(whyStuck)}`],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a missed deadline is reported once and stays Stalled',
    canary: inPhase('Initializing', { said: known }),
    seen: { primary: 'stuck' },
    nth: 2,
    asks: looks,
    ends: {
      outcome: 'initializing',
      becomes: { waited: 30_000 },
      says: [notReady(whyStuck)],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a target that changed meanwhile is copied again, and the new copy gets the whole deadline',
    canary: inPhase('Initializing', { said: known, waited: 90_000 }),
    seen: { equalsTarget: false, flaggerId: 'of-another-revision' },
    asks: copies,
    ends: { outcome: 'initializing', becomes: { waited: 0 }, says: [noPods] },
  },
  {
    title: 'a copy that never comes to equal its target gets no new deadline',
    canary: inPhase('Initializing', { said: known, waited: 60_000 }),
    seen: { equalsTarget: false, flaggerId: twoId },
    asks: copies,
    ends: {
      outcome: 'initializing',
      says: [noPods, late(noPods)],
      tells: [`Progress deadline exceeded ${noPods}`],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'with skipAnalysis the primary is waited for too, and no provider is asked',
    canary: inPhase('Initializing', { spec: { skipAnalysis: true } }),
    seen: { primary: 'waiting' },
    asks: ['observeTarget', 'ensureServices'],
    ends: { outcome: 'initializing', becomes: { waited: 0 }, says: [notReady(whyWaiting)] },
  },
];

const providerRows: readonly Row[] = [
  {
    title: 'that the providers are available is said once',
    canary: inPhase(undefined),
    seen: { primary: 'waiting' },
    nth: 2,
    asks: looks,
    ends: { outcome: 'initializing', becomes: { waited: 30_000 }, says: [notReady(whyWaiting)] },
  },
  {
    title: 'a provider that does not answer is said, and the bootstrap goes on',
    canary: inPhase('Initializing', { said: known }),
    seen: { primary: 'absent' },
    facts: { observeMetricProviders: is({ kind: 'unavailable', detail: 'prometheus not avaiable: no answer' }) },
    asks: copies,
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: ['Error checking metric providers: prometheus not avaiable: no answer', noPods],
    },
  },
  {
    title: 'the same error of a provider is said once',
    canary: inPhase('Initializing', { said: known }),
    seen: { primary: 'waiting' },
    facts: { observeMetricProviders: fails('unavailable', 'no answer') },
    nth: 2,
    asks: looks,
    ends: { outcome: 'initializing', becomes: { waited: 30_000 }, says: [notReady(whyWaiting)] },
  },
  {
    title: 'another error of a provider is said too',
    canary: inPhase('Initializing', { said: ['providers unavailable: no answer'] }),
    seen: { primary: 'waiting' },
    facts: { observeMetricProviders: fails('unavailable', 'access denied') },
    asks: looks,
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: ['Error checking metric providers: access denied', notReady(whyWaiting)],
    },
  },
  {
    title: 'providers that are available again are said again',
    canary: inPhase('Initializing', { said: ['providers unavailable: no answer'] }),
    seen: { primary: 'waiting' },
    asks: looks,
    ends: { outcome: 'initializing', becomes: { waited: 0 }, says: [available, notReady(whyWaiting)] },
  },
];

export const initializing: Table = {
  about: 'Initializing: primary and providers',
  rows: [...primaryRows, ...providerRows],
};
