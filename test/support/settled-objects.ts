/** What the API server holds of a canary at rest on a mesh, with all that it adds: how large caches of it become. */
import { isRecord } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject, ManagedFields } from '../../platform/kubernetes/object.ts';
import { canaries, configMaps, deployments, meshHttpRoutes, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';

export interface Settled {
  readonly resource: Resource;
  readonly object: KubernetesObject;
}

const time = '2026-11-26T10:00:00Z';
const canariesPerNamespace = 50;

/** @param index of the canary; no two have a name, a uid or a version in common */
export function settledObjects(index: number): readonly Settled[] {
  const app = `app-${String(index).padStart(4, '0')}`;
  const namespace = `tenant-${String(Math.floor(index / canariesPerNamespace)).padStart(3, '0')}`;
  const uid = (part: number): string => `${hex(index * 31 + part, 8)}-0000-4000-8000-${hex(index * 7_919 + part, 12)}`;
  const owner = { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', name: app, uid: uid(0), controller: true };
  const bare: readonly (readonly [Resource, string, JsonRecord])[] = [
    [canaries, app, canaryFields(app)],
    [deployments, app, deploymentFields(app, 0)],
    ...[services, services, services].map((resource, at) => {
      const suffix = ['', '-canary', '-primary'][at] ?? '';
      return [resource, `${app}${suffix}`, serviceFields(app, at)] as const;
    }),
    [deployments, `${app}-primary`, deploymentFields(`${app}-primary`, 1)],
    [meshHttpRoutes, app, routeFields(app)],
    ...['settings', 'flags', 'settings-primary', 'flags-primary'].map(
      (name) => [configMaps, `${app}-${name}`, { data: { color: 'blue', greeting: `from ${app}` } }] as const,
    ),
  ];
  return bare.map(([resource, name, fields], part) => {
    const owners = name === app ? {} : { ownerReferences: [owner] };
    const metadata = { name, namespace, uid: uid(part), resourceVersion: String(1_000 + index * 20 + part), ...owners };
    return { resource, object: asStored(resource, { metadata, ...fields }) };
  });
}

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0').slice(-digits);

function canaryFields(app: string): JsonRecord {
  const condition = { lastTransitionTime: time, lastUpdateTime: time, status: 'True' };
  return {
    spec: {
      provider: 'kuma',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: app },
      progressDeadlineSeconds: 600,
      service: { port: 9898 },
      analysis: { interval: '10s', threshold: 10, stepWeight: 10, maxWeight: 50 },
    },
    status: {
      phase: 'Initialized',
      canaryWeight: 0,
      failedChecks: 0,
      iterations: 0,
      lastAppliedSpec: hex(app.length * 977, 10),
      trackedConfigs: {
        [`configmap/${app}-settings`]: '62f1a09c8e1f3a02',
        [`configmap/${app}-flags`]: '8c3b19a5d77e0f41',
      },
      lastTransitionTime: time,
      conditions: [
        { ...condition, type: 'Promoted', reason: 'Initialized', message: 'Deployment initialization completed.' },
        { ...condition, type: 'Ready', reason: 'Initialized', message: 'The primary serves all traffic.' },
        { ...condition, type: 'Stalled', status: 'False', reason: 'Progressing', message: 'Nothing is waited for.' },
      ],
    },
  };
}

function deploymentFields(app: string, replicas: number): JsonRecord {
  const container = {
    name: 'app',
    image: 'registry.test/app:1',
    ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }],
    envFrom: [{ configMapRef: { name: `${app}-settings` } }, { configMapRef: { name: `${app}-flags` } }],
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: 'IfNotPresent',
  };
  const pod = {
    containers: [container],
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
  };
  return {
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: pod },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    },
    status: { observedGeneration: 1, replicas, updatedReplicas: replicas, readyReplicas: replicas },
  };
}

const serviceFields = (app: string, at: number): JsonRecord => ({
  spec: {
    ports: [{ name: 'http', protocol: 'TCP', port: 9898, targetPort: 9898 }],
    selector: { app: at === 1 ? app : `${app}-primary` },
    clusterIP: `10.97.${at}.${app.length}`,
    clusterIPs: [`10.97.${at}.${app.length}`],
    type: 'ClusterIP',
    sessionAffinity: 'None',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    internalTrafficPolicy: 'Cluster',
  },
  status: { loadBalancer: {} },
});

const routeFields = (app: string): JsonRecord => ({
  spec: {
    targetRef: { kind: 'Mesh', name: 'default' },
    to: [
      {
        targetRef: { kind: 'MeshService', name: app, sectionName: 'http' },
        rules: [
          {
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
            default: {
              backendRefs: [
                { kind: 'MeshService', name: `${app}-primary`, port: 9898, weight: 100 },
                { kind: 'MeshService', name: `${app}-canary`, port: 9898, weight: 0 },
              ],
            },
          },
        ],
      },
    ],
  },
});

/** With what the API server writes into every object. */
function asStored({ kind, group, version }: Resource, fields: JsonRecord & Pick<KubernetesObject, 'metadata'>) {
  const { metadata, status, ...content } = fields;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const entry = { manager: 'aviary', operation: 'Apply' as const, apiVersion, time, fieldsType: 'FieldsV1' };
  const managedFields: ManagedFields[] = [
    { ...entry, fieldsV1: fieldTree(content) },
    ...(status === undefined ? [] : [{ ...entry, fieldsV1: fieldTree({ status }), subresource: 'status' }]),
  ];
  const stored = { ...metadata, generation: 1, creationTimestamp: time, managedFields };
  return { apiVersion, kind, metadata: stored, ...content, ...(status === undefined ? {} : { status }) };
}

/** Who owns what, as the API server writes it down. */
const fieldTree = (fields: JsonRecord): JsonRecord =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`f:${name}`, isRecord(value) ? fieldTree(value) : {}]),
  );
