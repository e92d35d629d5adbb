/**
 * Stands in for the controllers and nodes that a light cluster lacks: every Deployment is rolled out at once, and every
 * Service that selects pods has one ready endpoint behind it.
 *
 * Level-triggered: what could not be written, because the API server was away, is written in a later pass.
 */
import { createHash } from 'node:crypto';
import { systemClock as clock } from '../platform/clock.ts';
import { numberAt, recordAt } from '../platform/json.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import { isKubernetesError } from '../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../platform/kubernetes/object.ts';
import { createListWatch } from '../platform/kubernetes/watch.ts';
import type { ListWatch } from '../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../platform/observability/logger.ts';
import { deployments, endpointSlices, services } from '../platform/kubernetes/resources.ts';
import type { Resource } from '../platform/kubernetes/resources.ts';

export interface StandInNode {
  /** Fails with what the API server refused, if it refused anything. */
  stop(): Promise<void>;
}

const passMs = 100;

export function startStandInNode(client: KubernetesClient): StandInNode {
  const controller = new AbortController();
  const watches = [watchAll(client, deployments), watchAll(client, services)] as const;
  watches.forEach((watch) => watch.start());
  const running = run({ client, watches, ready: new Map() }, controller.signal);
  // Told at the end, by stop.
  running.catch(() => undefined);
  return {
    stop: async () => {
      controller.abort();
      await Promise.all(watches.map((watch) => watch.stop()));
      await running;
    },
  };
}

type Watch = ListWatch<KubernetesObject>;

interface Work {
  readonly client: KubernetesClient;
  readonly watches: readonly [deployments: Watch, services: Watch];
  /** Versions of the Services that have their endpoint, by uid. */
  readonly ready: Map<string, string>;
}

const watchAll = (client: KubernetesClient, resource: Resource): Watch =>
  createListWatch({
    client,
    resource,
    clock,
    random: Math.random,
    log,
    backoff: { firstMs: 50, maxMs: 200 },
    project: (object) => object,
  });

async function run(work: Work, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await pass(work);
    } catch (error) {
      if (!isKubernetesError(error, 'unavailable', 'timeout', 'throttled', 'notFound')) throw error;
    }
    await clock.sleep(passMs, signal).catch(() => undefined);
  }
}

async function pass({ client, watches: [workloads, fronts], ready }: Work): Promise<void> {
  for (const { value } of workloads.values()) {
    if (!isRolledOut(value)) await rollOut(client, value);
  }
  for (const { uid, resourceVersion, value } of fronts.values()) {
    if (ready.get(uid) === resourceVersion) continue;
    await serve(client, value);
    ready.set(uid, resourceVersion);
  }
}

export const isRolledOut = ({ metadata, status }: KubernetesObject): boolean =>
  numberAt(status, 'observedGeneration') === metadata.generation;

/** Has all its pods ready at once. */
export async function rollOut(client: KubernetesClient, { metadata, spec }: KubernetesObject): Promise<void> {
  const replicas = numberAt(spec, 'replicas') ?? 1;
  const counts = { replicas, updatedReplicas: replicas, readyReplicas: replicas, availableReplicas: replicas };
  const status = { observedGeneration: metadata.generation, ...counts };
  await client.patchStatus(deployments, metadata, { patch: { status } });
}

/** Gives the Service an endpoint: those with the same selector have the same. One without a selector gets none. */
export async function serve(client: KubernetesClient, { metadata, spec }: KubernetesObject): Promise<void> {
  const selector = recordAt(spec, 'selector');
  if (selector === undefined) return;
  const { name, namespace = '' } = metadata;
  const pods = JSON.stringify([namespace, selector]);
  const [second = 0, third = 0, fourth = 0] = createHash('sha256').update(pods).digest();
  const slice: KubernetesObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [`10.${second}.${third}.${fourth}`], conditions: { ready: true } }],
  };
  await client.apply(endpointSlices, slice, { force: true });
}
