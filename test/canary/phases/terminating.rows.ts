import { answers } from '../rows.ts';
import type { Row, Table } from '../rows.ts';
import { leaving } from '../leaving.ts';
import { whyStuck, whyWaiting } from '../situations.ts';

const { fails, is } = answers;
const looks = ['observeNamespace', 'restoreTarget'] as const;
const givesBack = [...looks, 'restoreApex', 'observeEndpoints apex', 'restoreRoutes'] as const;
const leaves = ['record Terminating', 'setFinalizer'] as const;
const terminated = { outcome: 'terminated', says: ['Terminated canary podinfo.test'] } as const;
const off = { setFinalizer: { present: false } } as const;
const notReady = (why: string): string => `canary deployment podinfo.test not ready: ${why}`;
const noEndpoints = 'service podinfo.test has no ready endpoints of podinfo yet, or still others';
const unserved = is({ primary: 1, apexServesPrimary: true, apexServesTarget: false });

const goingRows: readonly Row[] = [
  {
    title: 'what is as it was before the Canary lets it go, said before it is done',
    canary: leaving('Terminating'),
    asks: [...givesBack, ...leaves],
    carrying: { ...off, restoreTarget: { raise: true } },
    ends: terminated,
  },
  {
    title: 'the scaler may act before pods are asked for',
    canary: leaving('Terminating', {
      spec: { autoscalerRef: { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'podinfo' } },
    }),
    asks: ['observeNamespace', 'resumeScaler', ...givesBack.slice(1), ...leaves],
    ends: terminated,
  },
  {
    title: 'an apex that was only just given back is looked at again before the primary goes',
    canary: leaving('Terminating'),
    facts: { restoreApex: is({ changed: true, leadsToTarget: true }) },
    asks: givesBack,
    ends: { outcome: 'terminating' },
  },
  {
    title: 'routes that were only just given back are looked at again before the primary goes',
    canary: leaving('Terminating', { waited: 30_000 }),
    facts: { restoreRoutes: is({ changed: true }) },
    asks: givesBack,
    ends: { outcome: 'terminating', becomes: { waited: undefined } },
  },
  {
    title: 'a target without ready pods keeps everything where it is',
    canary: leaving('Terminating', { weight: 20 }),
    facts: { restoreTarget: is({ kind: 'waiting', why: whyWaiting }) },
    asks: looks,
    ends: { outcome: 'terminating', becomes: { waited: 0 }, says: [notReady(whyWaiting)] },
  },
  {
    title: 'what is waited for is said once, and the target is raised to the primary’s replicas once',
    canary: leaving('Terminating', { weight: 20 }),
    facts: { restoreTarget: is({ kind: 'waiting', why: whyWaiting }) },
    nth: 2,
    asks: looks,
    carrying: { restoreTarget: { raise: false } },
    ends: { outcome: 'terminating' },
  },
  {
    title: 'a target that is never ready stalls the Canary, and the primary goes on serving',
    canary: leaving('Terminating', { weight: 20, waited: 60_000 }),
    facts: { restoreTarget: is({ kind: 'waiting', why: whyWaiting }) },
    asks: looks,
    ends: { outcome: 'stopped', says: [notReady(whyWaiting)], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'a target that is stuck stalls the Canary at once',
    canary: leaving('Terminating'),
    facts: { restoreTarget: is({ kind: 'stuck', why: whyStuck }) },
    asks: looks,
    ends: { outcome: 'stopped', becomes: { waited: 0 }, says: [notReady(whyStuck)], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'a target that comes after the deadline is given its traffic all the same',
    canary: leaving('Terminating', { waited: 600_000 }),
    asks: [...givesBack, ...leaves],
    ends: { ...terminated, becomes: { waited: undefined } },
  },
  {
    title: 'routes stay until the apex leads to the target',
    canary: leaving('Terminating'),
    facts: { restoreApex: is({ changed: true, leadsToTarget: true }), 'observeEndpoints apex': unserved },
    asks: [...looks, 'restoreApex', 'observeEndpoints apex'],
    ends: { outcome: 'terminating', becomes: { waited: 0 }, says: [noEndpoints] },
  },
  {
    title: 'an apex that its user had lead elsewhere is not waited for',
    canary: leaving('Terminating'),
    facts: { restoreApex: is({ changed: false, leadsToTarget: false }) },
    asks: [...looks, 'restoreApex', 'restoreRoutes', ...leaves],
    ends: terminated,
  },
];

const goneRows: readonly Row[] = [
  {
    title: 'a target that is gone lets the Canary go at once, and users get back what is theirs',
    canary: leaving('Terminating'),
    facts: { restoreTarget: is({ kind: 'gone' }), restoreApex: is({ changed: true, leadsToTarget: false }) },
    asks: [...looks, 'restoreApex', 'restoreRoutes', ...leaves],
    ends: terminated,
  },
  {
    title: 'without a target nothing holds the Canary, whatever can’t be restored',
    canary: leaving('Terminating'),
    facts: {
      restoreTarget: is({ kind: 'gone' }),
      restoreApex: fails('forbidden', 'patch services: forbidden'),
      restoreRoutes: fails('unavailable', 'get meshhttproutes: no answer'),
    },
    asks: [...looks, 'restoreApex', 'restoreRoutes', ...leaves],
    ends: terminated,
  },
  {
    title: 'a provider without a router leaves its routes, says so, and lets the Canary go',
    canary: leaving('Terminating'),
    facts: { restoreRoutes: fails('unsupported', 'provider istio: expected one of kuma') },
    asks: [...givesBack, ...leaves],
    ends: {
      ...terminated,
      says: [
        "Deletion of podinfo.test leaves behind what it can't restore: provider istio: expected one of kuma",
        ...terminated.says,
      ],
    },
  },
  {
    title: 'a kind of target that can’t be scaled is left as it is',
    canary: leaving('Terminating'),
    facts: {
      restoreTarget: fails('unsupported', 'spec.targetRef.kind: DaemonSet'),
      restoreApex: fails('unsupported', 'spec.targetRef.kind: DaemonSet'),
    },
    asks: [...looks, 'restoreApex', 'restoreRoutes', ...leaves],
    ends: {
      ...terminated,
      says: [
        "Deletion of podinfo.test leaves behind what it can't restore: spec.targetRef.kind: DaemonSet",
        ...terminated.says,
      ],
    },
  },
];

const failureRows: readonly Row[] = [
  {
    title: 'a namespace that can’t be read is taken to stay',
    canary: leaving('Terminating'),
    facts: { observeNamespace: fails('unavailable', 'get namespaces: no answer') },
    asks: [...givesBack, ...leaves],
    ends: terminated,
  },
  {
    title: 'a lost race over an object is nobody’s business and tried again',
    canary: leaving('Terminating'),
    facts: { restoreApex: fails('conflict', 'patch services: the object has been modified') },
    asks: [...looks, 'restoreApex'],
    ends: { outcome: 'terminating' },
  },
  {
    title: 'an object that can’t be written is waited for',
    canary: leaving('Terminating'),
    facts: { restoreApex: fails('forbidden', 'patch services: forbidden') },
    asks: [...looks, 'restoreApex'],
    ends: { outcome: 'terminating', becomes: { waited: 0 }, says: ['patch services: forbidden'] },
  },
  {
    title: 'an object that can’t be written within the deadline stalls the Canary',
    canary: leaving('Terminating', { waited: 60_000 }),
    facts: { restoreRoutes: fails('invalid', 'patch httproutes: denied by a webhook') },
    asks: givesBack,
    ends: { outcome: 'stopped', says: ['patch httproutes: denied by a webhook'], stalled: 'DeadlineExceeded' },
  },
  {
    title: 'a finalizer that can’t be taken away is tried again',
    canary: leaving('Terminating'),
    facts: { setFinalizer: fails('forbidden', 'patch canaries: forbidden') },
    asks: [...givesBack, ...leaves],
    ends: {
      outcome: 'stopped',
      becomes: { waited: 0 },
      says: ['Terminated canary podinfo.test', 'patch canaries: forbidden'],
    },
  },
];

export const terminating: Table = {
  about: 'Deletion: giving everything back',
  rows: [...goingRows, ...goneRows, ...failureRows],
};
