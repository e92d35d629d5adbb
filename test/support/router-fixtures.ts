/** Routers in namespaces of their own, on a real API server, for the contract of routers. */
import { randomUUID } from 'node:crypto';
import { arrayAt, valueAt } from '../../platform/json.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import { createRouters } from '../../worker/routers/registry.ts';
import type { RouterFixture } from '../contract/router.contract.ts';
import { aCanary, type CanaryOptions } from './a-canary.ts';
import type { LightClient } from './light-client.ts';

export interface Setting {
  /** Told when the test runs: the cluster starts after the tests are declared. */
  readonly light: () => LightClient;
  /** Begins the names of the namespaces. */
  readonly kind: string;
  readonly options: CanaryOptions;
  readonly isClusterScoped?: boolean;
  readonly prepare?: (namespace: string) => Promise<unknown>;
}

/** Fixtures of one kind of route; each test gets a namespace and an apex name of its own. */
export const routerFixtures =
  ({ light, kind, options, isClusterScoped = false, prepare }: Setting) =>
  async (name: string): Promise<RouterFixture> => {
    const cluster = light();
    const { client, user, requests } = cluster;
    const namespace = await cluster.namespace(`${kind}-${name}`);
    await prepare?.(namespace);
    const metadata = { uid: randomUUID() };
    const apex = isClusterScoped ? namespace : 'podinfo';
    const edited = (more: CanaryOptions) =>
      aCanary({
        ...options,
        namespace,
        metadata,
        ...more,
        service: { name: apex, ...options.service, ...more.service },
      });
    const canary = edited({ service: { apex: { annotations: { 'example.com/of-apex': 'kept' } } } });
    const route: ObjectName = isClusterScoped ? { name: apex } : { namespace, name: apex };
    return { canary, edited, requests, user, route, router: createRouters(client)(canary.spec.provider) };
  };

/** Weights of the list at the path, in its order. */
export const weightsAt =
  (...path: readonly (string | number)[]) =>
  (route: KubernetesObject) =>
    arrayAt(route, ...path).map((share) => valueAt(share, 'weight'));
