/** A workload with pods as a target, in a namespace of its own on a real API server, with its adapters. */
import { randomUUID } from 'node:crypto';
import { primaryName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import { arrayAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { daemonSets, deployments } from '../../platform/kubernetes/resources.ts';
import { createScalers } from '../../worker/scalers/registry.ts';
import { createTargets } from '../../worker/targets/registry.ts';
import type { TargetFixture } from '../contract/target.contract.ts';
import { aCanary } from './a-canary.ts';
import { aDaemonSet, aDeployment } from './a-deployment.ts';
import type { LightClient } from './light-client.ts';

/** Two values of `flagger-id`. */
export const firstId = '3f2c1b0a-0000-4000-8000-000000000001';
export const nextId = '3f2c1b0a-0000-4000-8000-000000000002';

export interface SetUp {
  /** Default Deployment. */
  readonly kind?: 'Deployment' | 'DaemonSet';
  readonly deployment?: KubernetesObject;
  /** Whether configs are tracked. Default true. */
  readonly trackConfigs?: boolean;
  /** Laid over the Canary's spec. */
  readonly spec?: JsonRecord;
}

export interface DeploymentFixture extends TargetFixture {
  readonly namespace: string;
  /** Changes the target or the primary by hand. */
  readonly edit: (name: string, patch: JsonRecord) => Promise<KubernetesObject>;
  readonly scalers: ReturnType<typeof createScalers>;
  /** The same Canary with another spec. */
  readonly canaryWith: (spec: JsonRecord) => Canary;
}

export async function aDeploymentTarget(
  light: LightClient,
  name: string,
  options: SetUp = {},
): Promise<DeploymentFixture> {
  const { client, user, requests } = light;
  const { kind = 'Deployment', spec = {}, trackConfigs = true } = options;
  const resource = kind === 'DaemonSet' ? daemonSets : deployments;
  const workload = options.deployment ?? (kind === 'DaemonSet' ? aDaemonSet() : aDeployment());
  const namespace = await light.namespace(`target-${name}`);
  const uid = randomUUID();
  const targetRef = { apiVersion: 'apps/v1', kind, name: 'podinfo' };
  const canaryWith = (changes: JsonRecord): Canary =>
    aCanary({ namespace, metadata: { uid }, spec: { targetRef, ...changes } });
  await user.create(resource, { ...workload, metadata: { ...workload.metadata, namespace } });
  const scalers = createScalers({ client });
  const targets = createTargets({
    client,
    trackConfigs,
    leastReplicas: async (step) => (await scalers(step.canary)?.minReplicas(step)) ?? 1,
  });
  const edit: DeploymentFixture['edit'] = (of, patch) => user.mergePatch(resource, { namespace, name: of }, { patch });
  const canary = canaryWith(spec);
  return {
    namespace,
    pods: kind === 'DaemonSet' ? 1 : 2,
    canary,
    canaryWith,
    requests,
    scalers,
    target: targets(canary),
    edit,
    release: () => edit('podinfo', image('podinfo:2')),
    primary: () => user.get(resource, { namespace, name: primaryName(canary) }),
  };
}

/** A patch that changes the image and, as merge patches do, the whole container. */
export const image = (tag: string, more: JsonRecord = {}): JsonRecord => ({
  spec: { template: { spec: { containers: [{ name: 'podinfo', image: tag, ports: httpPort, ...more }] } } },
});
const httpPort = [{ name: 'http', containerPort: 9898, protocol: 'TCP' }];

export const containerOf = (workload: KubernetesObject): unknown =>
  valueAt(workload, 'spec', 'template', 'spec', 'containers', 0);

/** Names of the environment variables of the first container. */
export const variablesOf = (workload: KubernetesObject): unknown[] =>
  arrayAt(containerOf(workload), 'env').map((variable) => valueAt(variable, 'name'));
