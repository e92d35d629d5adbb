/** What a worker that stays reads from watches: everything that steps look at again and again. */
import type { CachedKind } from '../platform/kubernetes-watched-kinds.ts';
import {
  alertProviders,
  canaries,
  configMaps,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  httpRoutesV1,
  httpRoutesV1beta1,
  knativeRevisions,
  knativeServices,
  meshHttpRoutes,
  meshServices,
  meshes,
  metricTemplates,
  namespaces,
  scaledObjects,
  secrets,
  services,
  trafficRoutes,
} from '../platform/resources.ts';

const whole = [
  alertProviders,
  canaries,
  daemonSets,
  deployments,
  horizontalPodAutoscalers,
  httpRoutesV1,
  httpRoutesV1beta1,
  knativeRevisions,
  knativeServices,
  meshHttpRoutes,
  meshServices,
  meshes,
  metricTemplates,
  namespaces,
  scaledObjects,
  services,
  trafficRoutes,
];

/** Their content is read when a version has moved, hashed and let go. */
const byMetadata = [configMaps, secrets];

export const cachedKinds: readonly CachedKind[] = [
  ...whole.map((resource) => ({ resource, part: 'whole' as const })),
  ...byMetadata.map((resource) => ({ resource, part: 'metadata' as const })),
];
