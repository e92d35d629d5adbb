/**
 * Stands in for the controllers and nodes that a benchmark's cluster lacks: every Deployment is rolled out at once, and
 * every Service that selects pods has one ready endpoint behind it. Its requests are told apart from Aviary's.
 */
import pLimit from 'p-limit';
import { systemClock as clock } from '../../platform/clock.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { deployments, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { isRolledOut, rollOut, serve } from '../../sandbox/stand-in-node.ts';

export interface Nodes {
  /** Fails with what the API server refused, if it refused anything. */
  stop(): Promise<void>;
}

/** Writes at the same time, as many as the controllers of Kubernetes would make. */
const width = 10;

export function startNodes(client: KubernetesClient): Nodes {
  const limit = pLimit(width);
  const refusals: unknown[] = [];
  const later = (write: () => Promise<unknown>): void =>
    void limit(write).catch((error: unknown) => {
      if (!isKubernetesError(error, 'notFound', 'aborted')) refusals.push(error);
    });
  const watch = (resource: Resource, onSeen: (object: KubernetesObject) => void) =>
    createListWatch<KubernetesObject>({
      client,
      resource,
      clock,
      random: Math.random,
      log,
      project: (object) => object,
      onAdd: ({ value }) => onSeen(value),
      onUpdate: ({ value }) => onSeen(value),
    });
  const watches = [
    watch(deployments, (seen) => {
      if (!isRolledOut(seen)) later(() => rollOut(client, seen));
    }),
    watch(services, (seen) => later(() => serve(client, seen))),
  ];
  watches.forEach((one) => one.start());
  return {
    stop: async () => {
      await Promise.all(watches.map((one) => one.stop()));
      limit.clearQueue();
      if (refusals.length > 0) throw new AggregateError(refusals, `nodes: ${String(refusals[0])}`);
    },
  };
}
