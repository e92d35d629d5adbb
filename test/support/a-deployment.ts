/** Deployments for tests: as users write them, and as the API server shows them. */
import { recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

export interface DeploymentOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly metadata?: JsonRecord;
  /** Laid over `spec`. */
  readonly spec?: JsonRecord;
  /** Laid over `spec.template.metadata`. */
  readonly pod?: JsonRecord;
  /** Laid over `spec.template.spec`. */
  readonly podSpec?: JsonRecord;
  /** Laid over the only container. */
  readonly container?: JsonRecord;
  readonly status?: JsonRecord;
}

/** Deployment `podinfo` in namespace `test` with two replicas, selected by label `app`. */
export function aDeployment(options: DeploymentOptions = {}): KubernetesObject {
  const { name = 'podinfo', namespace = 'test' } = options;
  const container = {
    name: 'podinfo',
    image: 'podinfo:1',
    ports: [{ name: 'http', containerPort: 9898, protocol: 'TCP' }],
    ...options.container,
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ...options.metadata },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name }, ...options.pod },
        spec: { containers: [container], ...options.podSpec },
      },
      ...options.spec,
    },
    ...(options.status === undefined ? {} : { status: options.status }),
  };
}

/** The same as a DaemonSet, which has no replicas. */
export function aDaemonSet(options: DeploymentOptions = {}): KubernetesObject {
  const { kind: _kind, spec, ...deployment } = aDeployment(options);
  const { replicas: _replicas, ...rest } = recordAt({ spec }, 'spec') ?? {};
  return { ...deployment, kind: 'DaemonSet', spec: rest };
}
