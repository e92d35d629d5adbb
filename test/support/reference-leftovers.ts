/** What the reference (Flagger) leaves in a cluster when it is scaled to zero: objects as it writes them, under its name. */
import type { JsonRecord } from '../../platform/json.ts';
import { valueAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject, ObjectMeta, OwnerReference } from '../../platform/kubernetes/object.ts';
import { canaries, deployments, httpRoutesV1, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { aCanaryObject } from './a-canary.ts';
import { aDeployment } from './a-deployment.ts';
import { onPerch } from './stand-in-kubelet.ts';

export interface Leftovers {
  readonly namespace: string;
  readonly phase: string;
  /** Image and replicas of the target, as it was left. */
  readonly target: { readonly image: string; readonly replicas: number };
  /** Image of the primary, which has two replicas. */
  readonly primary: string;
  /** Share of the canary in the route, and what the status says of it. */
  readonly weight?: number;
  readonly status?: JsonRecord;
  /** Apex and route were there before the Canary: marked and changed, but nobody's. */
  readonly isTakenOver?: boolean;
}

const markers = {
  'helm.toolkit.fluxcd.io/driftDetection': 'disabled',
  'kustomize.toolkit.fluxcd.io/reconcile': 'disabled',
};

/** A hash as the reference writes it: of its own dump of the template. */
const foreignHash = '5f56684589';

/** Creates all of it; nothing is rolled out or changed afterwards but by who takes over. */
export async function leaveBehind(user: KubernetesClient, left: Leftovers): Promise<void> {
  const { namespace, target, primary, isTakenOver = false } = left;
  const uid = await leaveCanary(user, left);
  const owner: OwnerReference = {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    name: 'podinfo',
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  const owned = { ownerReferences: [owner] };
  const own = isTakenOver ? {} : owned;
  await user.create(deployments, aDeployment({ namespace, podSpec: onPerch, ...workload(target) }));
  await leave(user, deployments, primaryOf(namespace, primary, owned));
  for (const [name, app, metadata] of [
    ['podinfo', 'podinfo-primary', own],
    ['podinfo-primary', 'podinfo-primary', owned],
    ['podinfo-canary', 'podinfo', owned],
  ] as const) {
    await leave(
      user,
      services,
      serviceOf({ name, namespace, labels: { app: name }, annotations: markers, ...metadata }, app),
    );
  }
  await leave(
    user,
    httpRoutesV1,
    routeOf({ name: 'podinfo', namespace, annotations: markers, ...own }, left.weight ?? 0),
  );
}

async function leaveCanary(user: KubernetesClient, left: Leftovers): Promise<string> {
  const { namespace, phase, weight = 0, status } = left;
  const spec = { provider: 'gatewayapi:v1', progressDeadlineSeconds: 600 };
  const service = { gatewayRefs: [{ name: 'public', namespace: 'infra' }] };
  const analysis = { interval: '1s', metrics: [], stepWeight: 20, maxWeight: 40 };
  const object = aCanaryObject({ spec, service, analysis });
  const stored = await user.create(canaries, { ...object, metadata: { name: 'podinfo', namespace } });
  const now = '2026-01-02T03:04:05Z';
  const condition = { type: 'Promoted', status: 'Unknown', reason: phase, message: phase };
  await user.replaceStatus(canaries, {
    ...stored,
    status: {
      phase,
      failedChecks: 0,
      canaryWeight: weight,
      iterations: 0,
      trackedConfigs: {},
      lastAppliedSpec: foreignHash,
      lastPromotedSpec: '7c8d9e0f12',
      lastTransitionTime: now,
      conditions: [{ ...condition, lastUpdateTime: now, lastTransitionTime: now }],
      ...status,
    },
  });
  return stored.metadata.uid ?? '';
}

/** Written under the reference's name instead of the test's. */
async function leave(user: KubernetesClient, resource: Resource, object: KubernetesObject): Promise<void> {
  const { metadata } = await user.create(resource, object);
  const managedFields = (metadata.managedFields ?? []).map((entry) => ({ ...entry, manager: 'flagger' }));
  await user.mergePatch(resource, metadata, { patch: { metadata: { managedFields } } });
}

const workload = ({ image, replicas }: Leftovers['target']) => ({ container: { image }, spec: { replicas } });

function primaryOf(namespace: string, image: string, metadata: Partial<ObjectMeta>): KubernetesObject {
  const like = aDeployment({ namespace, podSpec: onPerch, container: { image } });
  const labels = { app: 'podinfo-primary' };
  return {
    ...like,
    metadata: { name: 'podinfo-primary', namespace, labels, ...metadata },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: { 'flagger-id': '0d8f1f6e-5f4c-4f3b-9c55-0a1b2c3d4e5f' } },
        spec: valueAt(like, 'spec', 'template', 'spec'),
      },
    },
  };
}

const serviceOf = (metadata: ObjectMeta, app: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: {
    type: 'ClusterIP',
    selector: { app },
    ports: [{ name: 'http', port: 9898, targetPort: 9898, protocol: 'TCP' }],
  },
});

const routeOf = (metadata: ObjectMeta, weight: number): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata,
  spec: {
    parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public', namespace: 'infra' }],
    rules: [
      {
        matches: [{ path: { type: 'PathPrefix', value: '/' } }],
        backendRefs: [
          { group: '', kind: 'Service', name: 'podinfo-primary', port: 9898, weight: 100 - weight },
          { group: '', kind: 'Service', name: 'podinfo-canary', port: 9898, weight },
        ],
      },
    ],
  },
});
