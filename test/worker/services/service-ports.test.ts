import test from 'ava';
import type { JsonRecord } from '../../../platform/json.ts';
import { portsToRemove, servicePorts } from '../../../worker/services/service-ports.ts';
import type { ServicePort } from '../../../worker/services/service-ports.ts';
import { aCanary } from '../../support/a-canary.ts';

const serviceOf = (service: JsonRecord) => aCanary({ spec: { provider: 'kubernetes', service } }).spec.service;
const tcp = (name: string, port: number, targetPort: number | string = port): ServicePort => ({
  name,
  port,
  targetPort,
  protocol: 'TCP',
});

interface Row {
  readonly service: JsonRecord;
  readonly discovered?: readonly { readonly name: string; readonly port: number }[];
  readonly expect: readonly ServicePort[];
}

const grpc = { name: 'grpc', port: 9999 };

const rows: Record<string, Row> = {
  'the port serves under its own number unless told': { service: { port: 80 }, expect: [tcp('http', 80)] },
  'name, target and application protocol are those of the Canary': {
    service: { port: 80, portName: 'web', targetPort: 'http', appProtocol: 'grpc' },
    expect: [{ ...tcp('web', 80, 'http'), appProtocol: 'grpc' }],
  },
  'ports of the pods are not added unless asked for': {
    service: { port: 80 },
    discovered: [grpc],
    expect: [tcp('http', 80)],
  },
  'discovered ports follow': {
    service: { port: 80, portDiscovery: true },
    discovered: [grpc, { name: 'metrics', port: 9797 }],
    expect: [tcp('http', 80), tcp('grpc', 9999), tcp('metrics', 9797)],
  },
  'the port that is served already is not discovered by number': {
    service: { port: 80, targetPort: 8080, portDiscovery: true },
    discovered: [{ name: 'web', port: 8080 }, grpc],
    expect: [tcp('http', 80, 8080), tcp('grpc', 9999)],
  },
  'the port that is served already is not discovered by name': {
    service: { port: 80, targetPort: 'web', portDiscovery: true },
    discovered: [{ name: 'web', port: 8080 }, grpc],
    expect: [tcp('http', 80, 'web'), tcp('grpc', 9999)],
  },
  'without a target port the port itself is not discovered': {
    service: { port: 80, portDiscovery: true },
    discovered: [{ name: 'web', port: 80 }],
    expect: [tcp('http', 80)],
  },
  'a number that is taken is not discovered twice': {
    service: { port: 80, targetPort: 8080, portDiscovery: true },
    discovered: [{ name: 'a', port: 80 }, grpc, { name: 'b', port: 9999 }],
    expect: [tcp('http', 80, 8080), tcp('grpc', 9999)],
  },
  'a name that is taken is replaced': {
    service: { port: 80, targetPort: 8080, portDiscovery: true },
    discovered: [{ name: 'http', port: 81 }],
    expect: [tcp('http', 80, 8080), tcp('tcp-81', 81)],
  },
};

for (const [title, { service, discovered = [], expect }] of Object.entries(rows)) {
  test(title, (t) => {
    t.deepEqual(servicePorts(serviceOf(service), discovered), expect);
  });
}

const live = (ports: readonly JsonRecord[]) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'podinfo' },
  spec: { ports },
});
const at = (port: number, protocol = 'TCP') => ['f:spec', 'f:ports', `k:{"port":${port},"protocol":"${protocol}"}`];

test('on a Service of our own every port that is not wanted goes', (t) => {
  const ports = [tcp('http', 80), tcp('old', 81), { ...tcp('dns', 80), protocol: 'UDP' }].map((port) => ({ ...port }));
  t.deepEqual(portsToRemove(live(ports), [tcp('http', 80)], { isOwned: true }), [at(81), at(80, 'UDP')]);
});

test("on a user's Service only a port with a name of ours goes", (t) => {
  const ports = [tcp('http', 80), tcp('grpc', 81)].map((port) => ({ ...port }));
  t.deepEqual(portsToRemove(live(ports), [tcp('http', 9898)], { isOwned: false }), [at(80)]);
  t.deepEqual(portsToRemove(live(ports), [tcp('web', 80)], { isOwned: false }), [], 'it is renamed, not removed');
});
