/** Pod templates as users have them: each is copied whole and once, for every kind of workload. */
import test from 'ava';
import { flaggerId } from '../../canary/identity.ts';
import { recordAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { configMaps } from '../../platform/kubernetes/resources.ts';
import { aDaemonSet, aDeployment } from '../support/a-deployment.ts';
import type { DeploymentOptions } from '../support/a-deployment.ts';
import { aStep } from '../support/a-step.ts';
import { aDeploymentTarget, containerOf, image, variablesOf } from '../support/deployment-target.ts';
import type { DeploymentFixture } from '../support/deployment-target.ts';
import { startLightClient, writesAmong } from '../support/light-client.ts';
import type { LightClient } from '../support/light-client.ts';

let light: LightClient;
test.before(async () => {
  light = await startLightClient();
});
test.after.always(() => light.close());

const port = (name: string, containerPort: number): JsonRecord => ({ name, containerPort, protocol: 'TCP' });
const twoNames = [port('http', 9898), port('metrics', 9898)];
const own = { labelSelector: { matchLabels: { app: 'podinfo' } }, topologyKey: 'kubernetes.io/hostname' };
const storage = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
const shared = { configMap: { name: 'colors' } };

const templates: Record<string, DeploymentOptions> = {
  'two names for one port': { container: { ports: twoNames } },
  'a variable that is set twice, with a reference in between': {
    container: {
      env: [
        { name: 'A', value: '1' },
        { name: 'B', value: '$(A)/x' },
        { name: 'A', value: '2' },
      ],
    },
  },
  'one pull secret twice': { podSpec: { imagePullSecrets: [{ name: 'registry' }, { name: 'registry' }] } },
  'two lines of hosts for one address': {
    podSpec: {
      hostAliases: [
        { ip: '10.0.0.1', hostnames: ['a'] },
        { ip: '10.0.0.1', hostnames: ['b'] },
      ],
    },
  },
  'an init container and a sidecar that starts before': {
    podSpec: {
      initContainers: [
        { name: 'migrate', image: 'migrate:1', envFrom: [{ configMapRef: { name: 'colors' } }] },
        { name: 'proxy', image: 'envoy:1', restartPolicy: 'Always', ports: [port('admin', 9901)] },
      ],
    },
    container: { envFrom: [{ configMapRef: { name: 'colors' } }, { configMapRef: { name: 'colors' } }] },
  },
  'volumes of every sort, one config in three of them': {
    podSpec: {
      volumes: [
        { name: 'scratch', emptyDir: { sizeLimit: '1024Mi' } },
        { name: 'claim', ephemeral: { volumeClaimTemplate: { spec: storage } } },
        { name: 'config', configMap: { name: 'colors', items: [{ key: 'color', path: 'color' }] } },
        { name: 'all', projected: { sources: [shared, shared, { serviceAccountToken: { path: 'token' } }] } },
        { name: 'driver', flexVolume: { driver: 'example/x', secretRef: { name: 'colors' } } },
      ],
    },
  },
  'probes, hooks, resources and rules of scheduling': {
    podSpec: {
      securityContext: { runAsUser: 1000, fsGroup: 2000 },
      tolerations: [
        { key: 'a', operator: 'Exists' },
        { key: 'a', operator: 'Exists' },
      ],
      topologySpreadConstraints: [{ ...own, maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway' }],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [own] } },
    },
    container: {
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } },
      resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { cpu: '1000m' } },
      securityContext: { capabilities: { drop: ['ALL'] } },
    },
  },
  'the mark of a restart': {
    pod: { labels: { app: 'podinfo' }, annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' } },
  },
};

type Kind = 'Deployment' | 'DaemonSet';

async function setUp(kind: Kind, name: string, options: DeploymentOptions): Promise<DeploymentFixture> {
  const deployment = kind === 'Deployment' ? aDeployment(options) : aDaemonSet(options);
  const fixture = await aDeploymentTarget(light, `template-${kind.toLowerCase()}-${name}`, { kind, deployment });
  const metadata = { name: 'colors', namespace: fixture.namespace };
  await light.user.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { color: 'red' } });
  return fixture;
}

async function wantedNow({ canary, target }: DeploymentFixture) {
  const { revision } = await target.observe(aStep(canary));
  return { revision, flaggerId: flaggerId(canary, revision) };
}

const isCopied = async ({ canary, target }: DeploymentFixture): Promise<boolean> =>
  (await target.observe(aStep(canary))).primary?.equalsTarget ?? false;

for (const kind of ['Deployment', 'DaemonSet'] as const) {
  for (const [index, [title, options]] of Object.entries(templates).entries()) {
    test.serial(`${kind}: ${title}`, async (t) => {
      const fixture = await setUp(kind, `${index}`, options);
      const { canary, target, requests, edit } = fixture;
      await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
      t.true(await isCopied(fixture));
      await edit('podinfo', { spec: { template: { metadata: { annotations: { release: '2' } } } } });
      const wanted = await wantedNow(fixture);
      t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
      t.true(await isCopied(fixture));
      const before = requests.length;
      await target.ensurePrimary(aStep(canary), { follow: true, ...wanted });
      await target.promote(aStep(canary), wanted);
      t.deepEqual(writesAmong(requests.slice(before)), []);
    });
  }
}

test.serial('a template that begins or ends to need overwriting is exact all the same', async (t) => {
  const fixture = await setUp('Deployment', 'turns', { podSpec: { hostNetwork: true } });
  const { canary, target, primary, edit } = fixture;
  const promote = async (patch: JsonRecord): Promise<unknown> => {
    await edit('podinfo', patch);
    await target.promote(aStep(canary), await wantedNow(fixture));
    t.true(await isCopied(fixture));
    return containerOf(await primary());
  };
  await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
  const env = ['A', 'A', 'B'].map((name, index) => ({ name, value: `${index}` }));
  await edit('podinfo', { spec: { template: { spec: { hostNetwork: null } } } });
  t.like(await promote(image('podinfo:2', { env, ports: twoNames })), { env, ports: twoNames });
  t.is(recordAt(await primary(), 'spec', 'template', 'spec')?.['hostNetwork'], undefined);
  await edit('podinfo-primary', { metadata: { labels: { mine: 'yes' } }, spec: { replicas: 5 } });
  t.like(await promote(image('podinfo:3')), { image: 'podinfo:3', ports: [port('http', 9898)] });
  const live = await primary();
  t.deepEqual(variablesOf(live), []);
  t.is(live.metadata.labels?.['mine'], 'yes');
  t.is(valueAt(live, 'spec', 'replicas'), 2, 'as many as the target');
});

test.serial('the pods of an autoscaled primary that is overwritten stay its autoscaler’s', async (t) => {
  const fixture = await setUp('Deployment', 'scaled', { container: { ports: twoNames } });
  const { target, primary, edit, canaryWith } = fixture;
  const autoscalerRef = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', name: 'podinfo' };
  const canary = canaryWith({ autoscalerRef });
  await target.ensurePrimary(aStep(canary), { follow: false, ...(await wantedNow(fixture)) });
  await edit('podinfo-primary', { spec: { replicas: 7 } });
  await edit('podinfo', { spec: { template: { metadata: { annotations: { release: '2' } } } } });
  const wanted = await wantedNow(fixture);
  t.deepEqual(await target.promote(aStep(canary), wanted), { kind: 'copied' });
  t.is(valueAt(await primary(), 'spec', 'replicas'), 7);
});
