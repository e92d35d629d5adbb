/** What a user has written for each canary of a benchmark: a Deployment that reads two ConfigMaps, and the Canary. */
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

/** Tenants: each has a namespace of its own. */
const canariesPerNamespace = 50;

/** Where the canary of this number lives, from 0. */
export const placeOf = (index: number): Place => ({
  namespace: `tenant-${String(Math.floor(index / canariesPerNamespace)).padStart(3, '0')}`,
  name: `app-${String(index).padStart(4, '0')}`,
});

/** As many places in one namespace. */
export const placesOf = (namespace: string, count: number): readonly Place[] =>
  Array.from({ length: count }, (_, index) => ({ namespace, name: `app-${String(index).padStart(4, '0')}` }));

/** The interval of every canary unless told otherwise, in milliseconds: whole seconds. */
export const intervalMs = 10_000;

const configsOf = ({ name }: Place): readonly [string, string] => [`${name}-settings`, `${name}-flags`];

export function configMapsAt(place: Place): readonly KubernetesObject[] {
  return configsOf(place).map((name) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: place.namespace },
    data: { color: 'blue', greeting: `from ${name}` },
  }));
}

export function deploymentAt(place: Place): KubernetesObject {
  const { namespace, name } = place;
  const container = {
    name: 'app',
    image: 'registry.test/app:1',
    ports: [{ name: 'http', containerPort: 9898 }],
    envFrom: configsOf(place).map((config) => ({ configMapRef: { name: config } })),
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container] } },
    },
  };
}

/** Makes another release of a Deployment: a merge patch. */
export const releasePatch = (revision: string): JsonRecord => ({
  spec: { template: { metadata: { annotations: { release: revision } } } },
});

/** @param analysis laid over a weighted analysis without checks */
export function canaryAt({ namespace, name }: Place, analysis: JsonRecord): KubernetesObject {
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: { name, namespace },
    spec: {
      provider: 'kuma',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      progressDeadlineSeconds: 600,
      service: { port: 9898 },
      analysis: { interval: `${intervalMs / 1_000}s`, threshold: 10, ...analysis },
    },
  };
}
