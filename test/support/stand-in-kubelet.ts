/**
 * Stands in for the nodes that a light cluster with controllers lacks: a node `perch`, on which every pod is ready at once
 * unless its image is called broken, or broken-primary and it is a primary's. Pods that are to run there name it in their template (`onPerch`).
 */
import { createHash } from 'node:crypto';
import { systemClock as clock } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { pods, resource } from '../../platform/kubernetes/resources.ts';
import { conditionOf } from './stored-object.ts';

const nodes = resource({ group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false });
const node = 'perch';

/** Of a pod template: runs on the stand-in's node, and is gone as soon as it is deleted. */
export const onPerch = { nodeName: node, terminationGracePeriodSeconds: 0 } as const;

const passMs = 100;

export interface StandInKubelet {
  /** Fails with what the API server refused, if it refused anything. */
  stop(): Promise<void>;
}

export async function startStandInKubelet(client: KubernetesClient): Promise<StandInKubelet> {
  await client.create(nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  const controller = new AbortController();
  const running = run(client, controller.signal);
  // Told at the end, by stop.
  running.catch(() => undefined);
  return {
    stop: async () => {
      controller.abort();
      await running;
    },
  };
}

async function run(client: KubernetesClient, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await beat(client);
    const { items } = await client.list(pods);
    await Promise.all(items.filter(isWaiting).map((pod) => start(client, pod)));
    await clock.sleep(passMs, signal).catch(() => undefined);
  }
}

/** Without a sign of life its pods would be taken for lost. */
const beat = (client: KubernetesClient): Promise<KubernetesObject> => {
  const conditions = [{ type: 'Ready', status: 'True', lastHeartbeatTime: new Date(clock.now()).toISOString() }];
  return client.patchStatus(nodes, { name: node }, { patch: { status: { conditions } } });
};

function isWaiting(pod: KubernetesObject): boolean {
  const isReady = stringAt(conditionOf(pod, 'Ready'), 'status') === 'True';
  return !isReady && !isBroken(pod) && pod.metadata.deletionTimestamp === undefined;
}

function isBroken(pod: KubernetesObject): boolean {
  const image = stringAt(pod, 'spec', 'containers', 0, 'image') ?? '';
  return image.endsWith('broken') || (image.endsWith('broken-primary') && isOfPrimary(pod));
}

const isOfPrimary = ({ metadata }: KubernetesObject): boolean =>
  metadata.labels?.['app']?.endsWith('-primary') === true;

async function start(client: KubernetesClient, { metadata }: KubernetesObject): Promise<void> {
  const [second = 0, third = 0, fourth = 0] = createHash('sha256')
    .update(metadata.uid ?? '')
    .digest();
  const podIP = `10.${second}.${third}.${fourth}`;
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({ type, status: 'True' }));
  const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
  try {
    await client.patchStatus(pods, metadata, { patch: { status } });
  } catch (error) {
    if (!isKubernetesError(error, 'notFound', 'conflict')) throw error;
  }
}
