/** The servers of one benchmark: a real API server with its etcd, a real Redis, and who plays the cluster's nodes. */
import { systemClock as clock } from '../../platform/clock.ts';
import { parseJson, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { createKubernetesClient } from '../../platform/kubernetes/kubernetes.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { installDefinitions } from '../../sandbox/definitions.ts';
import { createGuard } from '../../sandbox/guard.ts';
import type { Guard } from '../../sandbox/guard.ts';
import { startLight } from '../../sandbox/light.ts';
import type { LightCluster } from '../../sandbox/light.ts';
import { silent } from '../../sandbox/progress.ts';
import type { Progress } from '../../sandbox/progress.ts';
import { redisVersion } from '../measure/redis-memory.ts';
import { describeMachine } from '../report/machine.ts';
import type { Machine } from '../report/machine.ts';
import { startNodes } from '../world/nodes.ts';
import { createAccount } from './account.ts';
import type { Account } from './account.ts';

export interface Stage {
  readonly light: LightCluster;
  /** For the benchmark's own hands. */
  readonly client: KubernetesClient;
  /** For scheduler and workers. */
  readonly account: Account;
  /** Ends what the benchmark starts if the benchmark itself dies. */
  readonly guard: Guard;
  readonly progress: Progress;
  /** Requests of `client` so far, watches excepted: what an API server's own count has to be lowered by. */
  ownRequests(): number;
  close(): Promise<void>;
}

const connections = 40;

/** @throws PartsError when a server cannot be had on this machine */
export async function openStage(progress: Progress): Promise<Stage> {
  const light = await startLight({ progress: silent });
  const guard = createGuard();
  let requests = 0;
  const client = createKubernetesClient({
    access: { kind: 'kubeconfig', path: light.kubeconfigPath },
    userAgent: 'aviary-bench',
    fieldManager: 'aviary-bench',
    clock,
    random: Math.random,
    log,
    connections,
    observe: ({ verb }) => {
      if (verb !== 'watch') requests += 1;
    },
  });
  const release = async (): Promise<void> => {
    await client.close();
    await guard.release();
    await light.stop();
  };
  try {
    await installDefinitions(client);
    const account = await createAccount(client, light);
    const nodes = startNodes(client);
    const close = async (): Promise<void> => {
      try {
        await nodes.stop();
      } finally {
        await release();
      }
    };
    return { light, client, account, guard, progress, ownRequests: () => requests, close };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The machine and the versions of the servers on it. */
export async function describeStage({ client, light }: Stage): Promise<Machine> {
  const redis = createRedis({ url: light.redisUrl, role: 'consumer', connectionName: 'aviary-bench', log });
  try {
    const kubernetes = stringAt(parseJson(await client.getPath('/version')), 'gitVersion') ?? 'unknown';
    return describeMachine({ kubernetes, redis: await redisVersion(redis) });
  } finally {
    redis.disconnect();
  }
}
