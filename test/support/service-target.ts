/** A Service as a target in a namespace of its own on a real API server, with its adapters. */
import { randomUUID } from 'node:crypto';
import type { Canary } from '../../canary/canary.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import type { ServicesOfTarget } from '../../worker/services/services.ts';
import { createServicesOfTargets } from '../../worker/services/services-of-target.ts';
import { createTargets } from '../../worker/targets/registry.ts';
import type { TargetFixture } from '../contract/target.contract.ts';
import { aCanary } from './a-canary.ts';
import type { CanaryOptions } from './a-canary.ts';
import { aStep } from './a-step.ts';
import type { ClientHands } from './light-client.ts';

export interface SetUp {
  /** Spec of the user's Service. */
  readonly spec?: JsonRecord;
  readonly metadata?: JsonRecord;
  /** Laid over the Canary. */
  readonly canary?: CanaryOptions;
  readonly includeLabelPrefixes?: readonly string[];
}

export interface ServiceFixture extends TargetFixture {
  readonly namespace: string;
  readonly services: ServicesOfTarget;
  readonly get: (name: string) => Promise<KubernetesObject>;
  /** Changes a Service by hand. */
  readonly edit: (name: string, patch: JsonRecord) => Promise<KubernetesObject>;
  /** The same Canary with changes. */
  readonly canaryWith: (options: CanaryOptions) => Canary;
}

export const firstId = '3f2c1b0a-0000-4000-8000-000000000001';

/** What every release goes through: the canary's copy follows, then the primary's. */
export async function promoteService({ canary, target, services: adapter }: ServiceFixture): Promise<void> {
  await adapter.ensurePair(aStep(canary));
  const { revision } = await target.observe(aStep(canary));
  await target.promote(aStep(canary), { revision, flaggerId: firstId });
}

export const versionSelector = (version: string): JsonRecord => ({ spec: { selector: { app: 'podinfo', version } } });

export async function aServiceTarget(light: ClientHands, name: string, options: SetUp = {}): Promise<ServiceFixture> {
  const { client, user, requests } = light;
  const { includeLabelPrefixes = [] } = options;
  const namespace = await light.namespace(`service-target-${name}`);
  const uid = randomUUID();
  const canaryWith = (more: CanaryOptions): Canary =>
    aCanary({
      namespace,
      metadata: { uid },
      spec: { targetRef: { apiVersion: 'v1', kind: 'Service', name: 'podinfo' } },
      ...options.canary,
      ...more,
    });
  const edit: ServiceFixture['edit'] = (of, patch) => user.mergePatch(services, { namespace, name: of }, { patch });
  const get = (of: string) => user.get(services, { namespace, name: of });
  await user.create(services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'podinfo', namespace, ...options.metadata },
    spec: { selector: { app: 'podinfo', version: 'one' }, ports: [{ name: 'http', port: 9898 }], ...options.spec },
  });
  const canary = canaryWith({});
  const target = createTargets({ client, leastReplicas: async () => 1, includeLabelPrefixes })(canary);
  return {
    namespace,
    canary,
    canaryWith,
    target,
    services: createServicesOfTargets({
      client,
      selectorOf: (step) => target.selector(step),
      includeLabelPrefixes,
    })(canary),
    requests,
    release: () => edit('podinfo', versionSelector('two')),
    primary: () => get(`${canary.spec.service.name}-primary`),
    get,
    edit,
  };
}
