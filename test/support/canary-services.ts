/** The Services of a Canary in a namespace of its own on a real API server. */
import { randomUUID } from 'node:crypto';
import type { Canary } from '../../canary/canary.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import { createServices } from '../../worker/services/services.ts';
import type { Services } from '../../worker/services/services.ts';
import type { TargetSelector } from '../../worker/targets/target.ts';
import { aCanary } from './a-canary.ts';
import { aStep } from './a-step.ts';
import type { LightClient } from './light-client.ts';

export interface ServicesFixture {
  readonly namespace: string;
  readonly adapter: Services;
  /** The Canary with these changes of `spec.service`. */
  readonly canary: (service?: JsonRecord) => Canary;
  readonly get: (name: string) => Promise<KubernetesObject>;
  /** Changes a Service by hand. */
  readonly edit: (name: string, patch: JsonRecord) => Promise<KubernetesObject>;
  /** All three, each kind in a step of its own. */
  readonly ensureAll: (canary: Canary) => Promise<void>;
  /** A Service `podinfo` that was there before the Canary. */
  readonly had: (spec: JsonRecord, metadata?: JsonRecord) => Promise<KubernetesObject>;
}

export async function canaryServices(
  light: LightClient,
  name: string,
  selector: TargetSelector,
): Promise<ServicesFixture> {
  const { client, user } = light;
  const namespace = await light.namespace(`service-${name}`);
  const uid = randomUUID();
  const adapter = createServices({ client });
  return {
    namespace,
    adapter,
    canary: (service = {}) =>
      aCanary({
        namespace,
        metadata: { uid },
        spec: { provider: 'kubernetes', service: { port: 9898, ...service } },
      }),
    get: (of) => user.get(services, { namespace, name: of }),
    edit: (of, patch) => user.mergePatch(services, { namespace, name: of }, { patch }),
    ensureAll: async (canary) => {
      await adapter.ensurePair(aStep(canary), selector);
      await adapter.ensureApex(aStep(canary), selector);
    },
    had: (spec, metadata = {}) =>
      user.create(services, {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'podinfo', namespace, ...metadata },
        spec,
      }),
  };
}
