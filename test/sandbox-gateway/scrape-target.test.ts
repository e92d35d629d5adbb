import test from 'ava';
import type { KubernetesObject, ObjectMeta } from '../../platform/kubernetes/object.ts';
import { scrapeTarget } from '../../sandbox/targets/scrape-target.ts';

interface PodOptions extends Partial<ObjectMeta> {
  readonly status?: Record<string, unknown>;
}

const offered = { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9797' };

const aPod = ({ status, ...metadata }: PodOptions = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'podinfo-6d765c96f7-z9nmr', namespace: 'test', annotations: offered, ...metadata },
  status: { phase: 'Running', podIP: '10.244.0.7', ...status },
});

test('a running pod that offers its metrics is a target under its namespace and name', (t) => {
  t.deepEqual(scrapeTarget(aPod()), {
    targets: ['10.244.0.7:9797'],
    labels: {
      __metrics_path__: '/metrics',
      __scheme__: 'http',
      kubernetes_namespace: 'test',
      kubernetes_pod_name: 'podinfo-6d765c96f7-z9nmr',
    },
  });
});

test('path and scheme come from the annotations', (t) => {
  const annotations = { ...offered, 'prometheus.io/path': '/stats/prometheus', 'prometheus.io/scheme': 'https' };
  const labels = scrapeTarget(aPod({ annotations }))?.labels;
  t.is(labels?.['__metrics_path__'], '/stats/prometheus');
  t.is(labels?.['__scheme__'], 'https');
});

test('labels of the pod become labels that Prometheus takes', (t) => {
  const labels = { app: 'podinfo', 'app.kubernetes.io/part-of': 'shop', '2nd': 'b' };
  const found = scrapeTarget(aPod({ labels }))?.labels;
  t.like(found, { app: 'podinfo', app_kubernetes_io_part_of: 'shop', _2nd: 'b' });
});

test('a pod cannot pass for another one by its labels', (t) => {
  const labels = { kubernetes_namespace: 'other', kubernetes_pod_name: 'other', __metrics_path__: '/other' };
  t.deepEqual(scrapeTarget(aPod({ labels })), scrapeTarget(aPod()));
});

test('a pod that is not ready counts, so that its errors are seen', (t) => {
  const status = { conditions: [{ type: 'Ready', status: 'False' }] };
  t.deepEqual(scrapeTarget(aPod({ status })), scrapeTarget(aPod()));
});

test('an address of IPv6 stands in brackets', (t) => {
  t.deepEqual(scrapeTarget(aPod({ status: { podIP: 'fd00::7' } }))?.targets, ['[fd00::7]:9797']);
});

const absent: Readonly<Record<string, PodOptions>> = {
  'a pod without annotations': { annotations: {} },
  'a pod that wants no scraping': { annotations: { ...offered, 'prometheus.io/scrape': 'false' } },
  'a pod that names no port': { annotations: { 'prometheus.io/scrape': 'true' } },
  'a pod whose port has no number': { annotations: { ...offered, 'prometheus.io/port': 'http-metrics' } },
  'a pod whose port is out of range': { annotations: { ...offered, 'prometheus.io/port': '65536' } },
  'a pod that waits for its node': { status: { phase: 'Pending' } },
  'a pod that has ended': { status: { phase: 'Succeeded' } },
  'a pod on its way out': { deletionTimestamp: '2026-05-01T10:00:00Z' },
};
for (const [what, options] of Object.entries(absent)) {
  test(`${what} is no target`, (t) => t.is(scrapeTarget(aPod(options)), undefined));
}

test('a pod without an address is no target', (t) => {
  const { status: _none, ...pod } = aPod();
  t.is(scrapeTarget({ ...pod, status: { phase: 'Running' } }), undefined);
});
