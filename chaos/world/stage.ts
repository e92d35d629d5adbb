/** The servers of one run: etcd that forgets nothing, an API server with an audit log, Redis, nodes, a receiver. */
import { systemClock as clock } from '../../platform/clock.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { createKubernetesClient } from '../../platform/kubernetes/kubernetes.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { installDefinitions } from '../../sandbox/definitions.ts';
import { createGuard } from '../../sandbox/guard.ts';
import type { Guard } from '../../sandbox/guard.ts';
import { startLight } from '../../sandbox/light.ts';
import type { LightCluster } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import { startStandInNode } from '../../sandbox/stand-in-node.ts';
import { auditPolicy } from '../record/audit.ts';
import { watchCluster } from './cluster-view.ts';
import type { ClusterView } from './cluster-view.ts';
import { startReceiver } from './receiver.ts';
import type { Receiver } from './receiver.ts';

export interface Stage {
  readonly light: LightCluster;
  /** For the users of the canaries. */
  readonly client: KubernetesClient;
  readonly view: ClusterView;
  readonly receiver: Receiver;
  /** Ends what the run starts if the run itself dies. */
  readonly guard: Guard;
  close(): Promise<void>;
}

/** @throws PartsError when a server cannot be had on this machine */
export async function openStage(): Promise<Stage> {
  const light = await startLight({ progress: silent, audit: auditPolicy, history: true });
  const guard = createGuard();
  const client = createKubernetesClient({
    access: { kind: 'kubeconfig', path: light.kubeconfigPath },
    userAgent: 'chaos',
    fieldManager: 'chaos',
    clock,
    random: Math.random,
    log,
    connections: 20,
  });
  const closers = [() => light.stop(), () => guard.release(), () => client.close()];
  const close = async (): Promise<void> => {
    for (const closeOne of closers.toReversed()) await closeOne();
  };
  try {
    await installDefinitions(client);
    const receiver = await startReceiver(clock);
    closers.push(() => receiver.close());
    const nodes = startStandInNode(client);
    closers.push(() => nodes.stop());
    const view = await watchCluster(client);
    closers.push(() => view.stop());
    return { light, client, view, receiver, guard, close };
  } catch (error) {
    await close();
    throw error;
  }
}
