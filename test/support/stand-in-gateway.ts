/** Stands in for the controller of a Gateway: every version of an HTTPRoute is taken up as soon as it is there. */
import { systemClock as clock } from '../../platform/clock.ts';
import { arrayAt, numberAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { httpRoutesV1 } from '../../platform/kubernetes/resources.ts';

export interface StandInGateway {
  /** Fails with what the API server refused, if it refused anything. */
  stop(): Promise<void>;
}

export function startStandInGateway(client: KubernetesClient): StandInGateway {
  const reports: Promise<void>[] = [];
  const see = ({ value }: { readonly value: KubernetesObject }): void => {
    if (!isTakenUp(value)) reports.push(takeUp(client, value));
  };
  const watch = createListWatch<KubernetesObject>({
    client,
    resource: httpRoutesV1,
    clock,
    random: Math.random,
    log,
    project: (object) => object,
    onAdd: see,
    onUpdate: see,
  });
  watch.start();
  return {
    stop: async () => {
      await watch.stop();
      await Promise.all(reports);
    },
  };
}

const isTakenUp = (route: KubernetesObject): boolean =>
  numberAt(arrayAt(route, 'status', 'parents', 0, 'conditions'), 0, 'observedGeneration') === route.metadata.generation;

/** As a controller reports it: for each parent that the route names. */
async function takeUp(client: KubernetesClient, route: KubernetesObject): Promise<void> {
  const { generation } = route.metadata;
  const condition = {
    type: 'Accepted',
    status: 'True',
    observedGeneration: generation,
    reason: 'Accepted',
    message: '',
    lastTransitionTime: new Date(clock.now()).toISOString(),
  };
  const parents = arrayAt(route, 'spec', 'parentRefs').map((parentRef) => ({
    parentRef,
    controllerName: 'example.com/gateway',
    conditions: [condition],
  }));
  try {
    await client.patchStatus(httpRoutesV1, route.metadata, { patch: { status: { parents } } });
  } catch (error) {
    // Its Canary, and the route with it, may be gone by now.
    if (!isKubernetesError(error, 'notFound')) throw error;
  }
}
