import test from 'ava';
import { arrayAt, recordAt, stringAt, valueAt } from '../../platform/json.ts';
import { meshInstallation, prometheusScrapeJob, sidecarOf, storefront } from '../../sandbox/mesh/install.ts';
import { withSidecar } from '../../sandbox/mesh/sidecar.ts';

const images = { aviary: 'registry.example/aviary:1', envoy: 'registry.example/envoy:1' };
const sidecar = sidecarOf(images);

const workload = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'loadtester' },
  spec: {
    replicas: 1,
    template: {
      metadata: { labels: { app: 'loadtester' }, annotations: { own: 'kept' } },
      spec: { containers: [{ name: 'loadtester' }], initContainers: [{ name: 'own' }] },
    },
  },
};

test('redirection and Envoy come before the containers of the pod, whose own parts stay', (t) => {
  const spec = recordAt(withSidecar(workload, sidecar), 'spec', 'template', 'spec');
  t.deepEqual(
    arrayAt(spec, 'initContainers').map((container) => stringAt(container, 'name')),
    ['mesh-redirect', 'mesh-envoy', 'own'],
  );
  t.deepEqual(spec?.['containers'], [{ name: 'loadtester' }]);
});

test('Envoy runs as the user whose connections are not redirected', (t) => {
  const spec = recordAt(withSidecar(workload, sidecar), 'spec', 'template', 'spec');
  const user = valueAt(spec, 'initContainers', 1, 'securityContext', 'runAsUser');
  t.regex(String(valueAt(spec, 'initContainers', 0, 'command', 1)), new RegExp(`meta skuid ${String(user)} return`));
});

test('a bootstrap holds nothing that the kubelet would expand', (t) => {
  const spec = recordAt(withSidecar(workload, sidecar), 'spec', 'template', 'spec');
  const command = arrayAt(spec, 'initContainers', 1, 'command');
  t.false(JSON.stringify(command).includes('$('));
  t.is(stringAt(JSON.parse(String(command.at(-1))), 'stats_config', 'stats_tags', 0, 'tag_name'), 'mesh');
});

test('annotations of the template stay and those for Prometheus are added', (t) => {
  const metadata = recordAt(withSidecar(workload, sidecar), 'spec', 'template', 'metadata');
  t.deepEqual(metadata?.['annotations'], {
    own: 'kept',
    'kuma.io/mesh': 'default',
    'prometheus.metrics.kuma.io/path': '/metrics',
    'prometheus.metrics.kuma.io/port': '5670',
  });
  t.deepEqual(metadata?.['labels'], { app: 'loadtester' });
});

test('an object without a pod template is refused by name', (t) => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'podinfo' }, spec: {} };
  t.throws(() => withSidecar(service, sidecar), { message: /Service podinfo: expected spec\.template\.spec/ });
});

test('the definitions show the 2.x dialect where Aviary looks for it', (t) => {
  const [route] = meshInstallation(images).definitions;
  const schema = valueAt(route, 'spec', 'versions', 0, 'schema', 'openAPIV3Schema', 'properties', 'spec', 'properties');
  t.is(route?.metadata.name, 'meshhttproutes.kuma.io');
  t.deepEqual(valueAt(schema, 'to', 'items', 'properties', 'targetRef', 'properties', 'name'), { type: 'string' });
});

test('the control plane listens where the sidecars look for it', (t) => {
  const service = meshInstallation(images).objects.find(({ kind }) => kind === 'Service');
  const { name, namespace } = service?.metadata ?? { name: '' };
  t.is(sidecar.controlPlane.host, `${name}.${namespace}.svc.cluster.local`);
  t.is(valueAt(service, 'spec', 'ports', 0, 'port'), sidecar.controlPlane.port);
});

test('the storefront is a client of the mesh, told apart by address, pod and namespace', (t) => {
  const options = { namespace: 'test', url: 'http://podinfo.test:9898/', countBy: 'version', requestsPerSecond: 20 };
  const [deployment] = storefront(images, options);
  const envoy = recordAt(deployment, 'spec', 'template', 'spec', 'initContainers', 1);
  t.true(arrayAt(envoy, 'args').includes('$(POD_IP)~$(POD_NAME).$(POD_NAMESPACE)'));
});

test('Prometheus asks the control plane where the sidecars are', (t) => {
  const url = stringAt(prometheusScrapeJob(), 'http_sd_configs', 0, 'url');
  t.is(url, `http://${sidecar.controlPlane.host}:${sidecar.controlPlane.port}/prometheus/targets`);
});
