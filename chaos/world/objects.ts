/** What a user has written for a canary of the chaos. */
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

export interface Place {
  readonly namespace: string;
  readonly name: string;
}

export const keyOf = ({ namespace, name }: Place): string => `${namespace}/${name}`;

/** How a run goes on: what its steps count, and to where. */
export interface Strategy {
  readonly kind: 'weights' | 'ab-testing' | 'blue-green';
  /** The last value of the weight or of the iterations before the promotion. */
  readonly last: number;
  /** What each step adds. */
  readonly step: number;
}

export const strategies = {
  weights: { kind: 'weights', step: 20, last: 60 },
  'ab-testing': { kind: 'ab-testing', step: 1, last: 3 },
  'blue-green': { kind: 'blue-green', step: 1, last: 3 },
} as const satisfies Readonly<Record<Strategy['kind'], Strategy>>;

/** Pods of a target that serves by itself. */
export const ownReplicas = 2;

export const imageOf = (version: number): string => `registry.test/app:${version}`;
const configOf = ({ name }: Place): string => `${name}-settings`;
export const primaryConfigAt = (place: Place): Place => ({ ...place, name: `${configOf(place)}-primary` });
export const primaryAt = (place: Place): Place => ({ ...place, name: `${place.name}-primary` });

const metadataOf = ({ namespace, name }: Place): KubernetesObject['metadata'] => ({ namespace, name });

export const namespaceOf = ({ namespace }: Place): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: namespace },
});

export const configMapAt = (place: Place, value: string): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadataOf({ ...place, name: configOf(place) }),
  data: { value },
});

export const configPlace = (place: Place): Place => ({ ...place, name: configOf(place) });

const containerOf = (place: Place, version: number): JsonRecord => ({
  name: 'app',
  image: imageOf(version),
  ports: [{ name: 'http', containerPort: 9898 }],
  envFrom: [{ configMapRef: { name: configOf(place) } }],
});

export function deploymentAt(place: Place, version: number): KubernetesObject {
  const labels = { app: place.name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadataOf(place),
    spec: {
      replicas: ownReplicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [containerOf(place, version)] } },
    },
  };
}

/** A merge patch of the Deployment. */
export const releasePatch = (place: Place, version: number): JsonRecord => ({
  spec: { template: { spec: { containers: [containerOf(place, version)] } } },
});

export interface CanaryOptions {
  readonly strategy: Strategy;
  readonly intervalMs: number;
  /** Address of the receiver of hooks. */
  readonly receiver: string;
  readonly gated: boolean;
  readonly revertOnDeletion: boolean;
}

export function canaryAt(place: Place, options: CanaryOptions): KubernetesObject {
  const { strategy, receiver, gated } = options;
  const check = { name: 'check', type: 'rollout', url: `${receiver}/check` };
  const gate = { name: 'gate', type: 'confirm-promotion', url: `${receiver}/gate` };
  return {
    apiVersion: 'flagger.app/v1beta1',
    kind: 'Canary',
    metadata: metadataOf(place),
    spec: {
      provider: strategy.kind === 'blue-green' ? 'kubernetes' : 'kuma',
      targetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: place.name },
      // Longer than any run: nothing but a script makes a canary fail.
      progressDeadlineSeconds: 3_600,
      revertOnDeletion: options.revertOnDeletion,
      service: { port: 9898 },
      analysis: {
        interval: `${options.intervalMs}ms`,
        threshold: failuresAllowed,
        ...analysisOf(strategy),
        webhooks: gated ? [check, gate] : [check],
      },
    },
  };
}

/** Checks that must fail before a run is rolled back. */
const failuresAllowed = 2;

function analysisOf({ kind, step, last }: Strategy): JsonRecord {
  switch (kind) {
    case 'weights':
      return { stepWeight: step, maxWeight: last };
    case 'ab-testing':
      return { iterations: last, match: [{ headers: { 'x-canary': { exact: 'yes' } } }] };
    case 'blue-green':
      return { iterations: last };
    default:
      return kind satisfies never;
  }
}
