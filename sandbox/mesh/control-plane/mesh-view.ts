// Follows the cluster's Services, EndpointSlices and Kuma routes, and says what Envoy should be told by now.
import { z } from 'zod';
import type { Clock, Random } from '../../../platform/clock.ts';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import { createListWatch } from '../../../platform/kubernetes/watch.ts';
import type { ListWatch, Watched } from '../../../platform/kubernetes/watch.ts';
import type { Logger } from '../../../platform/observability/logger.ts';
import * as resources from '../../../platform/kubernetes/resources.ts';
import { destinations } from '../destination.ts';
import { envoyResources } from '../envoy-resources.ts';
import { endpointSliceSchema, serviceSchema } from '../kubernetes-objects.ts';
import { meshHttpRouteSchema, trafficRouteSchema } from '../kuma-objects.ts';
import type { EnvoyResources } from '../xds.ts';

export interface MeshViewOptions {
  readonly client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  readonly mesh: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Told once everything has been listed, and again shortly after each change. */
  readonly onChange: (current: EnvoyResources) => void;
}

export interface MeshView {
  /** Follows the cluster until the signal fires. Objects that cannot be read are logged and left out. */
  start(signal: AbortSignal): void;
}

/** Long enough to gather what one write causes, short enough not to be noticed. */
const gatherMillis = 20;

export function createMeshView(options: MeshViewOptions): MeshView {
  const { mesh, clock, onChange } = options;
  let gathering = false;

  const publish = (): void => {
    gathering = false;
    if (!watches.every((watch) => watch.synced())) return;
    const known = destinations(valuesOf(services), valuesOf(slices));
    const routes = { mesh, meshHttpRoutes: valuesOf(meshHttpRoutes), trafficRoutes: valuesOf(trafficRoutes) };
    onChange(envoyResources(known, routes));
  };
  const changed = (): void => {
    if (gathering) return;
    gathering = true;
    clock.after(gatherMillis, publish);
  };

  const services = follow(resources.services, serviceSchema, { ...options, changed });
  const slices = follow(resources.endpointSlices, endpointSliceSchema, { ...options, changed });
  const meshHttpRoutes = follow(resources.meshHttpRoutes, meshHttpRouteSchema, { ...options, changed });
  const trafficRoutes = follow(resources.trafficRoutes, trafficRouteSchema, { ...options, changed });
  const watches = [services, slices, meshHttpRoutes, trafficRoutes];

  return { start: (signal) => watches.forEach((watch) => watch.start(signal)) };
}

/** An object as the schema reads it, or why it could not be read. */
type Reading<T> = { readonly value: T } | { readonly problem: string };

interface Following extends Omit<MeshViewOptions, 'mesh' | 'onChange'> {
  readonly changed: () => void;
}

function follow<Schema extends z.ZodType>(
  resource: resources.Resource,
  schema: Schema,
  { client, clock, random, log, changed }: Following,
): ListWatch<Reading<z.output<Schema>>> {
  const told = (watched: Watched<Reading<z.output<Schema>>>): void => {
    if ('problem' in watched.value) {
      const { namespace, name } = watched;
      log.warn({ kind: resource.kind, namespace, name, problem: watched.value.problem }, 'object left out');
    }
    changed();
  };
  return createListWatch({
    client,
    resource,
    project: (object) => {
      const result = schema.safeParse(object);
      return result.success ? { value: result.data } : { problem: z.prettifyError(result.error) };
    },
    clock,
    random,
    log,
    onAdd: told,
    onUpdate: told,
    onDelete: changed,
    onSynced: changed,
  });
}

function valuesOf<T>(watch: ListWatch<Reading<T>>): T[] {
  return [...watch.values()].flatMap(({ value }) => ('value' in value ? [value.value] : []));
}
