/** Objects that the reference's definitions take, on a real API server with ours: taken whole, applied twice, shown by kubectl. */
import test from 'ava';
import { parseCanary } from '../../canary/parse.ts';
import { valueAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { alertProviders, canaries, metricTemplates, type Resource } from '../../platform/kubernetes/resources.ts';
import { installAviaryDefinitions } from '../support/aviary-definitions.ts';
import { kubectlOn } from '../support/kubectl.ts';
import { startLightClient, type LightClient } from '../support/light-client.ts';
import { alertProviderSpecs, canarySpecs, metricTemplateSpecs } from '../support/reference-corpus.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
  await light.namespace('test');
  await installAviaryDefinitions(light.user);
});
test.after.always(() => light.close());

const kinds: readonly (readonly [string, Resource, Readonly<Record<string, object>>])[] = [
  ['Canary', canaries, canarySpecs],
  ['MetricTemplate', metricTemplates, metricTemplateSpecs],
  ['AlertProvider', alertProviders, alertProviderSpecs],
];

for (const [kind, resource, specs] of kinds) {
  for (const [name, spec] of Object.entries(specs)) {
    test(`${kind}: ${name.replaceAll('-', ' ')} is taken whole, and applied again changes nothing`, async (t) => {
      const object = { apiVersion: 'flagger.app/v1beta1', kind, metadata: { name, namespace: 'test' }, spec };
      const applied = await light.user.apply(resource, object, { fieldManager: 'somebody' });
      t.like(applied['spec'], spec);
      const again = await light.user.apply(resource, object, { fieldManager: 'somebody' });
      t.is(again.metadata.resourceVersion, applied.metadata.resourceVersion);
      if (kind === 'Canary') t.notThrows(() => parseCanary(applied, { defaultProvider: 'kuma' }));
    });
  }
}

test('only the defaults of the reference are written into an object', async (t) => {
  const spec = {
    provider: 'gatewayapi:v1',
    targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'defaults' },
    service: { port: 80, gatewayRefs: [{ name: 'public' }], mirror: [{ backendRef: { name: 'copy', port: 80 } }] },
    analysis: {
      interval: '1m',
      threshold: 5,
      iterations: 1,
      sessionAffinity: { cookieName: 'a' },
      metrics: [{ name: 'a' }],
    },
  };
  const object = canaryOf('defaults', spec);
  const created = await light.user.create(canaries, object);
  t.deepEqual(created['spec'], {
    ...spec,
    service: {
      port: 80,
      gatewayRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }],
      mirror: [{ backendRef: { group: '', kind: 'Service', name: 'copy', port: 80 } }],
    },
    analysis: { ...spec.analysis, sessionAffinity: { cookieName: 'a', maxAge: 86_400 } },
  });
});

const canaryOf = (name: string, spec: object): KubernetesObject => ({
  apiVersion: 'flagger.app/v1beta1',
  kind: 'Canary',
  metadata: { name, namespace: 'test' },
  spec,
});

const kubectl = (...words: readonly string[]): Promise<string> => kubectlOn(light, ['--namespace', 'test', ...words]);

test('kubectl shows the columns of the reference, describes a Canary and explains every field', async (t) => {
  const created = await light.user.create(
    canaries,
    canaryOf('shown', { ...canarySpecs['shape-step-weights'], suspend: true }),
  );
  const status = {
    phase: 'Progressing',
    canaryWeight: 10,
    failedChecks: 2,
    iterations: 0,
    lastTransitionTime: '2026-01-02T03:04:05Z',
  };
  await light.user.replaceStatus(canaries, { ...created, status });
  const columns = (text: string): readonly string[] => text.trim().split(/ {2,}/);
  const [head = '', line = ''] = (await kubectl('get', 'canary', 'shown')).split('\n');
  t.deepEqual(columns(head), ['NAME', 'STATUS', 'WEIGHT', 'LASTTRANSITIONTIME']);
  t.deepEqual(columns(line), ['shown', 'Progressing', '10', '2026-01-02T03:04:05Z']);
  const [wideHead = '', wideLine = ''] = (await kubectl('get', 'canary', 'shown', '-o', 'wide')).split('\n');
  t.deepEqual(columns(wideHead).slice(3), [
    'SUSPENDED',
    'FAILEDCHECKS',
    'INTERVAL',
    'MIRROR',
    'STEPWEIGHT',
    'STEPWEIGHTS',
    'MAXWEIGHT',
    'LASTTRANSITIONTIME',
  ]);
  t.regex(wideLine, /shown +Progressing +10 +true +2 +1m +\[1,10,50\] +2026-01-02T03:04:05Z/);
  const described = await kubectl('describe', 'canary', 'shown');
  t.regex(described, /Phase: +Progressing/);
  t.regex(described, /Step Weights:\n +1\n +10\n +50\n/);
  const explained = await kubectl('explain', 'canary.spec.analysis.webhooks.timeout');
  t.regex(explained, /Bound of one attempt\. Default: 10s\./);
  const whole = await kubectl('explain', 'canary', '--recursive');
  for (const field of ['sessionAffinity', 'gatewayRefs', 'trackedConfigs', 'outlierDetection'])
    t.regex(whole, new RegExp(`\\b${field}\\b`));
  t.is(valueAt(created, 'spec', 'suspend'), true);
});
