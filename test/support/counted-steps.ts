/** What each step of a canary asks of the Kubernetes API, counted in the API server's own audit log. */
import type { ExecutionContext } from 'ava';
import { createGuard } from '../../sandbox/guard.ts';
import { silentLogger as log } from '../../platform/logger.ts';
import { createRedis } from '../../platform/redis.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcess } from './aviary-process.ts';
import { requestsOf } from './audit-log.ts';
import { startCanaryCluster } from './canary-cluster.ts';
import type { CanaryCluster } from './canary-cluster.ts';
import { startStandInKubelet } from './stand-in-kubelet.ts';

export interface CountedStep {
  /** Outcome and phase, as `settled in Succeeded`. */
  readonly kind: string;
  readonly requests: readonly string[];
}

export interface BudgetBench {
  readonly cluster: CanaryCluster;
  /** Waits for so many steps of a kind; all that have ended so far, each with what the worker asked for while it ran. */
  untilSteps(kind: string, count: number): Promise<readonly CountedStep[]>;
  close(): Promise<void>;
}

/**
 * Real scheduler and worker beside an API server that keeps an audit log, with the controllers of Kubernetes and a node.
 * One canary at a time: requests belong to the step that ran when they came.
 *
 * @param prepare puts in what the canaries of this bench are about, before Aviary starts
 */
export async function startBudgetBench(prepare: (cluster: CanaryCluster) => Promise<void>): Promise<BudgetBench> {
  const cluster = await startCanaryCluster({ controllerManager: true, audit: true });
  const guard = createGuard();
  await prepare(cluster);
  const kubelet = await startStandInKubelet(cluster.user);
  const env = { ...settingsOn(cluster, prefix), TICK_INTERVAL: '1s', DRAIN_DELAY: '1s' };
  const processes = (['scheduler', 'worker'] as const).map((program) => startProcess({ program, env, guard }));
  return {
    cluster,
    untilSteps: (kind, count) =>
      waitFor({
        what: `${count} steps '${kind}'`,
        seconds: 30,
        look: async () => {
          const all = await countedSteps(cluster);
          return all.filter((step) => step.kind === kind).length >= count ? all : undefined;
        },
      }),
    close: async () => {
      for (const process of processes) process.kill('SIGKILL');
      await guard.release();
      await kubelet.stop();
      await cluster.close();
    },
  };
}

/** The five steps of a run by weight ask for this each; the first one also tells that the analysis begins. */
export function expectByWeight(
  t: ExecutionContext,
  advanced: readonly (readonly string[])[],
  each: readonly string[],
): void {
  t.is(advanced.length, 5);
  t.deepEqual(
    advanced.slice(1),
    [20, 30, 40, 50].map(() => each),
  );
  t.deepEqual(advanced[0]?.toSorted(), [...each, 'create events'].toSorted(), 'it tells of two things');
}

const prefix = 'budget';

async function countedSteps({ light }: CanaryCluster): Promise<readonly CountedStep[]> {
  const redis = createRedis({ url: light.redisUrl, role: 'producer', connectionName: 'test', log });
  const queue = openStepQueue({ redis, prefix: `{${prefix}}`, log });
  try {
    const jobs = (await queue.getCompleted()).toSorted((a, b) => (a.processedOn ?? 0) - (b.processedOn ?? 0));
    const requests = await requestsOf(light, 'aviary-worker');
    return jobs.map(({ returnvalue: report, processedOn = 0, finishedOn = 0 }) => ({
      kind: report.reason ?? `${report.outcome} in ${report.phase}`,
      requests: requests.filter(({ at }) => at >= processedOn && at <= finishedOn).map(({ what }) => what),
    }));
  } finally {
    await queue.close();
    redis.disconnect();
  }
}
