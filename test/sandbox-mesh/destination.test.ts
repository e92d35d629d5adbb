import test from 'ava';
import { destinations } from '../../sandbox/mesh/destination.ts';
import { service, slice } from './mesh-objects.ts';

test('a port belongs to the mesh when annotation or appProtocol say http', (t) => {
  const found = destinations(
    [
      service({ name: 'annotated', protocol: 'http' }),
      service({ name: 'app-protocol', appProtocol: 'http' }),
      service({ name: 'silent' }),
      service({ name: 'tcp-by-annotation', protocol: 'tcp', appProtocol: 'http' }),
      service({ name: 'headless', protocol: 'http', clusterIP: 'None' }),
    ],
    [],
  );
  t.deepEqual(
    found.map(({ name }) => name),
    ['annotated_test_svc_9898', 'app-protocol_test_svc_9898'],
  );
});

test('equal names in two namespaces keep their pods apart', (t) => {
  const found = destinations(
    [
      service({ name: 'shop', namespace: 'a', protocol: 'http' }),
      service({ name: 'shop', namespace: 'b', protocol: 'http' }),
    ],
    [
      slice({ service: 'shop', namespace: 'a', pods: [{ address: '10.244.0.1' }] }),
      slice({ service: 'shop', namespace: 'b', pods: [{ address: '10.244.0.2' }] }),
    ],
  );
  t.deepEqual(
    found.map(({ name, endpoints }) => [name, endpoints.map(({ address }) => address)]),
    [
      ['shop_a_svc_9898', ['10.244.0.1']],
      ['shop_b_svc_9898', ['10.244.0.2']],
    ],
  );
});

const podRows = [
  {
    title: 'ready pods are taken, others are not',
    pods: [
      { address: '10.244.0.3', ready: true, serving: true, terminating: false },
      { address: '10.244.0.1', ready: false, serving: false, terminating: false },
      { address: '10.244.0.2' },
    ],
    expected: ['10.244.0.2', '10.244.0.3'],
  },
  {
    title: 'a terminating pod that still serves is left out while a ready one exists',
    pods: [
      { address: '10.244.0.1', ready: false, serving: true, terminating: true },
      { address: '10.244.0.2', ready: true, serving: true, terminating: false },
    ],
    expected: ['10.244.0.2'],
  },
  {
    title: 'the last pods serve while they terminate',
    pods: [
      { address: '10.244.0.1', ready: false, serving: true, terminating: true },
      { address: '10.244.0.2', ready: false, serving: false, terminating: true },
    ],
    expected: ['10.244.0.1'],
  },
];

for (const { title, pods, expected } of podRows) {
  test(title, (t) => {
    const [found] = destinations(
      [service({ name: 'podinfo', protocol: 'http' })],
      [slice({ service: 'podinfo', pods })],
    );
    t.deepEqual(
      found?.endpoints,
      expected.map((address) => ({ address, port: 9898 })),
    );
  });
}
