import { supportedProviders } from '../../canary/capabilities.ts';
import type { Provider } from '../../canary/spec.ts';
import { AdapterError } from '../context.ts';
import { createGatewayApiRouter } from './gatewayapi.ts';
import { gatewayApiV1, gatewayApiV1beta1 } from './gatewayapi-route.ts';
import { createKnativeRouter } from './knative.ts';
import { createKubernetesRouter } from './kubernetes.ts';
import { createKumaRouter } from './kuma.ts';
import { createRouteCluster, type RouteClient, type RouteCluster } from './route-object.ts';
import type { Router } from './router.ts';

const factories: { readonly [P in Provider]?: (cluster: RouteCluster) => Router } = {
  'gatewayapi:v1': (cluster) => createGatewayApiRouter({ cluster, version: gatewayApiV1 }),
  'gatewayapi:v1beta1': (cluster) => createGatewayApiRouter({ cluster, version: gatewayApiV1beta1 }),
  kuma: (cluster) => createKumaRouter({ cluster, dialect: 'auto' }),
  'kuma:v2': (cluster) => createKumaRouter({ cluster, dialect: 'v2' }),
  'kuma:v3': (cluster) => createKumaRouter({ cluster, dialect: 'v3' }),
  knative: createKnativeRouter,
  kubernetes: createKubernetesRouter,
};

/**
 * All routers, each made once, on its first use.
 *
 * @returns the router of a provider; throws AdapterError `unsupported` where there is none
 */
export function createRouters(client: RouteClient): (provider: Provider) => Router {
  const cluster = createRouteCluster(client);
  const made = new Map<Provider, Router>();
  return (provider) => {
    const router = made.get(provider) ?? factories[provider]?.(cluster);
    if (router === undefined) {
      const expected = supportedProviders.join(', ');
      throw new AdapterError('unsupported', `provider ${provider}: expected one of ${expected}`);
    }
    made.set(provider, router);
    return router;
  };
}
