import { answers } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { inPhase } from '../situations.ts';

const { fails, is } = answers;

const looks = ['observeTarget', 'ensureServices', 'observeMetricProviders'];
const copies = [...looks, 'ensurePrimary'];
const switches = ['observeEndpoints primary', 'ensureApex', 'observeEndpoints apex'];
const known = ['providers available'];
const notReady = (why: string): string => `podinfo-primary.test not ready: ${why}`;
const noPods = notReady('waiting for rollout to finish: 0 out of 1 new replicas have been updated');
const late = (error: string): string => `Rolling back podinfo.test progress deadline exceeded ${error}`;
const initialized = {
  phase: 'Initialized',
  applied: 'v1-one',
  promoted: 'v1-one',
  waited: undefined,
} as const;
const scaler = { autoscalerRef: { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' } };
const missingScaler = 'HorizontalPodAutoscaler podinfo.test get query error: there is no such object';

const switchRows: readonly Row[] = [
  {
    title: 'a ready primary gets the apex and the routes, then the target is scaled down',
    canary: inPhase('Initializing', { said: known, waited: 30_000 }),
    asks: [...looks, ...switches, 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'initialized',
      becomes: initialized,
      says: ['Initialization done! podinfo.test'],
      tells: ['New Deployment detected, initialization completed.'],
    },
  },
  {
    title: 'with an autoscaler the primary gets its own before the apex is switched',
    canary: inPhase('Initializing', { said: known, spec: scaler }),
    asks: [
      ...looks,
      'observeEndpoints primary',
      'ensureScaler',
      'ensureApex',
      'observeEndpoints apex',
      'ensureRoutes 100/0',
      'scaleTarget zero',
    ],
    ends: {
      outcome: 'initialized',
      becomes: initialized,
      says: ['Initialization done! podinfo.test'],
      tells: ['New Deployment detected, initialization completed.'],
    },
  },
  {
    title: 'an autoscaler that is missing is shown as Stalled at once',
    canary: inPhase('Initializing', { said: known, spec: scaler }),
    facts: { ensureScaler: fails('notFound', missingScaler) },
    asks: [...looks, 'observeEndpoints primary', 'ensureScaler'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [missingScaler], stalled: 'MissingScaler' },
  },
  {
    title: 'what the primary runs is recorded with its configs',
    canary: inPhase('Initializing', { said: known }),
    seen: { configs: { 'configmap/podinfo-config': '241889ca0604e333' } },
    asks: [...looks, ...switches, 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'initialized',
      becomes: { ...initialized, configs: { 'configmap/podinfo-config': '241889ca0604e333' } },
      says: ['Initialization done! podinfo.test'],
      tells: ['New Deployment detected, initialization completed.'],
    },
  },
  {
    title: 'the apex is not switched to a primary without endpoints',
    canary: inPhase('Initializing', { said: known }),
    facts: { 'observeEndpoints primary': is({ primary: 0, apexServesPrimary: false }) },
    asks: [...looks, 'observeEndpoints primary'],
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: [notReady('its Service has no ready endpoints')],
    },
  },
  {
    title: 'the target keeps its replicas until the apex serves the primary',
    canary: inPhase('Initializing', { said: known }),
    facts: { 'observeEndpoints apex': is({ primary: 1, apexServesPrimary: false }) },
    asks: [...looks, ...switches],
    ends: {
      outcome: 'initializing',
      becomes: { waited: 0 },
      says: [notReady('the apex Service does not serve it yet')],
    },
  },
  {
    title: 'endpoints that never come are reported at the deadline',
    canary: inPhase('Initializing', { said: known, waited: 60_000 }),
    facts: { 'observeEndpoints apex': is({ primary: 1, apexServesPrimary: false }) },
    asks: [...looks, ...switches],
    ends: {
      outcome: 'initializing',
      says: [
        notReady('the apex Service does not serve it yet'),
        late(notReady('the apex Service does not serve it yet')),
      ],
      tells: [`Progress deadline exceeded ${notReady('the apex Service does not serve it yet')}`],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a target that cannot be scaled down is said in words of its own',
    canary: inPhase('Initializing', { said: known }),
    facts: { 'scaleTarget zero': fails('forbidden', 'patch deployments: forbidden') },
    asks: [...looks, ...switches, 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: ['scaling down canary Deployment podinfo.test failed: patch deployments: forbidden'],
    },
  },
  {
    title: 'a target that cannot be scaled down for the whole deadline stalls the Canary',
    canary: inPhase('Initializing', { said: known, waited: 60_000 }),
    facts: { 'scaleTarget zero': fails('forbidden', 'patch deployments: forbidden') },
    asks: [...looks, ...switches, 'ensureRoutes 100/0', 'scaleTarget zero'],
    ends: {
      outcome: 'stopped',
      says: ['scaling down canary Deployment podinfo.test failed: patch deployments: forbidden'],
      stalled: 'DeadlineExceeded',
    },
  },
  {
    title: 'a write that fails for the whole deadline stalls the Canary and rolls nothing back',
    canary: inPhase('Initializing', { said: known, waited: 60_000 }),
    facts: { ensureServices: fails('forbidden', 'create services: forbidden') },
    asks: ['observeTarget', 'ensureServices'],
    ends: { outcome: 'stopped', says: ['create services: forbidden'], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'routes that cannot be made leave the Canary Initializing, and the target its pods',
    canary: inPhase('Initializing', { said: known }),
    facts: { 'ensureRoutes 100/0': fails('unavailable', 'routes: no answer') },
    asks: [...looks, ...switches, 'ensureRoutes 100/0'],
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: ['routes: no answer'] },
  },
  {
    title: 'a status that says Terminating on an object that is not being deleted starts over',
    canary: inPhase('Terminating', { said: known }),
    seen: { primary: 'absent', revision: 'v1-one' },
    asks: copies,
    ends: { outcome: 'initializing', becomes: { phase: 'Initializing', waited: 0 }, says: [noPods] },
  },
];

export const initializingSwitch: Table = {
  about: 'Initializing: the switch to the primary',
  rows: switchRows,
};
