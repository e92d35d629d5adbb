import test from 'ava';
import { containerPorts } from '../../../worker/targets/container-ports.ts';

test('ports of all containers but the sidecars are found, in order', (t) => {
  const template = {
    spec: {
      initContainers: [{ name: 'init', ports: [{ name: 'init', containerPort: 1 }] }],
      containers: [
        {
          name: 'web',
          ports: [
            { name: 'http', containerPort: 80 },
            { containerPort: 81, protocol: 'TCP' },
          ],
        },
        { name: 'istio-proxy', ports: [{ name: 'proxy', containerPort: 15090 }] },
        { name: 'envoy', ports: [{ containerPort: 9901 }] },
        { name: 'none' },
        { name: 'grpc', ports: [{ containerPort: 82 }] },
      ],
    },
  };
  t.deepEqual(containerPorts(template), [
    { name: 'http', port: 80 },
    { name: 'tcp-web-1', port: 81 },
    { name: 'tcp-grpc-0', port: 82 },
  ]);
});

test('a template without containers has no ports', (t) => {
  t.deepEqual(containerPorts(undefined), []);
});
