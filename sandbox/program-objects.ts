/** Kubernetes objects of the small programs that stand around Aviary in a sandbox: one replica, one port, own rights. */
import type { KubernetesObject } from '../platform/kubernetes/object.ts';

/** What Kubernetes calls restricted: a container that may do nothing that it was not given. */
export const restricted = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 65_534,
  runAsGroup: 65_534,
  seccompProfile: { type: 'RuntimeDefault' },
} as const;

/** The container of a program of the sandbox that is built into `out/sandbox/<program>/main.js` of the image. */
export function nodeProgram(image: string, program: string): Record<string, unknown> {
  return {
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `out/sandbox/${program}/main.js`],
    resources: { requests: { cpu: '20m', memory: '64Mi' }, limits: { memory: '256Mi' } },
    securityContext: restricted,
  };
}

export interface ProgramDeployment {
  readonly name: string;
  readonly namespace: string;
  /** Without one the pod gets no token. */
  readonly serviceAccountName?: string;
  readonly container: Readonly<Record<string, unknown>>;
  readonly initContainers?: readonly object[];
  readonly volumes?: readonly object[];
  /** Of the pods. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One pod with label `app`, whose container bears the Deployment's name. */
export function programDeployment(options: ProgramDeployment): KubernetesObject {
  const { name, namespace, serviceAccountName, container, initContainers, volumes, annotations } = options;
  const labels = { app: name };
  const account = serviceAccountName === undefined ? { automountServiceAccountToken: false } : { serviceAccountName };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, ...(annotations && { annotations }) },
        spec: {
          ...account,
          terminationGracePeriodSeconds: 5,
          ...(initContainers && { initContainers }),
          containers: [{ name, ...container }],
          ...(volumes && { volumes }),
        },
      },
    },
  };
}

export interface ProgramService {
  readonly name: string;
  readonly namespace: string;
  readonly port: number;
  /** Where the container listens; `port` unless told. */
  readonly targetPort?: number;
}

/** The address of the pods with label `app`. */
export function programService({ name, namespace, port, targetPort = port }: ProgramService): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort }] },
  };
}

export interface ProgramAccount {
  readonly name: string;
  readonly namespace: string;
  /** Rules of a ClusterRole. */
  readonly rules: readonly object[];
}

/** A service account with these rights in all namespaces. */
export function programAccount({ name, namespace, rules }: ProgramAccount): KubernetesObject[] {
  const group = 'rbac.authorization.k8s.io';
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion: `${group}/v1`, kind: 'ClusterRole', metadata: { name }, rules },
    {
      apiVersion: `${group}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
}
