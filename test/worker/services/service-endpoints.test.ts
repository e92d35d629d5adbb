import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { endpointsFact } from '../../../worker/services/service-endpoints.ts';

const slice = (service: string, ...endpoints: JsonRecord[]): KubernetesObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${service}-x`, labels: { 'kubernetes.io/service-name': service } },
  endpoints,
});
const pod = (uid: string, conditions: JsonRecord = { ready: true }, address = `10.0.0.${uid}`): JsonRecord => ({
  addresses: [address],
  conditions,
  targetRef: { kind: 'Pod', uid },
});

const names = { primary: 'primary', canary: 'canary', apex: 'apex' };

interface Row {
  readonly slices: readonly KubernetesObject[];
  readonly primary: number;
  readonly apexServesPrimary: boolean;
}

const rows: Record<string, Row> = {
  'no slices are nobody': { slices: [], primary: 0, apexServesPrimary: false },
  'ready pods are counted over all slices': {
    slices: [slice('primary', pod('1')), slice('primary', pod('2'))],
    primary: 2,
    apexServesPrimary: false,
  },
  'pods that are not ready do not count': {
    slices: [
      slice('primary', pod('1', { ready: false }), pod('2', { ready: false, serving: true, terminating: true })),
    ],
    primary: 0,
    apexServesPrimary: false,
  },
  'an unknown readiness counts as ready': {
    slices: [slice('primary', pod('1', {}))],
    primary: 1,
    apexServesPrimary: false,
  },
  'a pod with an address of each family counts once': {
    slices: [slice('primary', pod('1')), slice('primary', pod('1', { ready: true }, 'fd00::1'))],
    primary: 1,
    apexServesPrimary: false,
  },
  'an apex with the pods of the primary serves it': {
    slices: [slice('primary', pod('1'), pod('2')), slice('apex', pod('1'))],
    primary: 2,
    apexServesPrimary: true,
  },
  'an apex with one other ready pod does not': {
    slices: [slice('primary', pod('1')), slice('apex', pod('1'), pod('3'))],
    primary: 1,
    apexServesPrimary: false,
  },
  'an apex whose other pods are not ready does': {
    slices: [slice('primary', pod('1')), slice('apex', pod('1'), pod('3', { ready: false }))],
    primary: 1,
    apexServesPrimary: true,
  },
  'an apex with nobody serves nobody': {
    slices: [slice('primary', pod('1')), slice('apex')],
    primary: 1,
    apexServesPrimary: false,
  },
  'endpoints that are no pods are told by their address': {
    slices: [slice('primary', { addresses: ['10.9.9.9'] }), slice('apex', { addresses: ['10.9.9.9'] })],
    primary: 1,
    apexServesPrimary: true,
  },
  'slices of other Services are left out': {
    slices: [slice('primary', pod('1')), slice('other', pod('2'))],
    primary: 1,
    apexServesPrimary: false,
  },
};

for (const [title, { slices, ...fact }] of Object.entries(rows)) {
  test(title, (t) => {
    const { apexServesTarget: _, ...seen } = endpointsFact({ slices, ...names });
    t.deepEqual(seen, fact);
  });
}

const targetRows: Record<string, { readonly slices: readonly KubernetesObject[]; readonly serves: boolean }> = {
  'an apex with the pods behind the canary serves the target': {
    slices: [slice('primary', pod('1')), slice('canary', pod('2')), slice('apex', pod('2'))],
    serves: true,
  },
  'an apex with one pod of the primary left does not': {
    slices: [slice('primary', pod('1')), slice('canary', pod('2')), slice('apex', pod('2'), pod('1'))],
    serves: false,
  },
  'an apex that lost its pods of the primary and has no others yet does not': {
    slices: [slice('primary', pod('1')), slice('canary', pod('2', { ready: false })), slice('apex')],
    serves: false,
  },
  'without a Service of the canary the pods that are not the primary’s are the target’s': {
    slices: [slice('primary', pod('1')), slice('apex', pod('2'))],
    serves: true,
  },
  'without a Service of the canary the primary still is not the target': {
    slices: [slice('primary', pod('1')), slice('apex', pod('1'))],
    serves: false,
  },
};

for (const [title, { slices, serves }] of Object.entries(targetRows)) {
  test(title, (t) => {
    t.is(endpointsFact({ slices, ...names }).apexServesTarget, serves);
  });
}
