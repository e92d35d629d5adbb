/** What each step of a canary asks of the Kubernetes API, counted in the API server's own audit log. */
import type { ExecutionContext } from 'ava';
import { createGuard } from '../../sandbox/guard.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { openStepQueue } from '../../queue/step-queue.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcess } from './aviary-process.ts';
import { requestsOf } from './audit-log.ts';
import type { AuditedRequest } from './audit-log.ts';
import { startCanaryCluster } from './canary-cluster.ts';
import type { CanaryCluster } from './canary-cluster.ts';
import { install, kumaDefinition, meshHttpRouteV2 } from './definitions.ts';
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
  const env = { ...settingsOn(cluster, prefix), TICK_INTERVAL: '1s', DRAIN_DELAY: '1s', ALLOW_LOOPBACK: 'true' };
  const processes = (['scheduler', 'worker'] as const).map((program) => startProcess({ program, env, guard }));
  return {
    cluster,
    untilSteps: (kind, count) =>
      waitFor({
        what: `${count} steps '${kind}'`,
        seconds: 30,
        // The audit log is long: to read it all the time would slow down what it tells of.
        every: 1_000,
        look: async () => {
          const all = await countedSteps(cluster);
          return all.filter((step) => step.kind === kind).length >= count ? all : undefined;
        },
        explain: async () => (await countedSteps(cluster)).map((step) => step.kind).join(', '),
      }),
    close: async () => {
      for (const process of processes) process.kill('SIGKILL');
      await guard.release();
      await kubelet.stop();
      await cluster.close();
    },
  };
}

/** What Kuma brings that routes by MeshHTTPRoute need. */
export async function installKuma({ user }: CanaryCluster): Promise<void> {
  await install(user, meshHttpRouteV2());
  await install(user, kumaDefinition({ kind: 'Mesh', plural: 'meshes', scope: 'Cluster' }));
  await install(user, kumaDefinition({ kind: 'TrafficRoute', plural: 'trafficroutes', scope: 'Cluster' }));
}

/** What the steps of a kind asked for, each sorted: the order of requests is no part of a budget. */
export const requestsIn = (steps: readonly CountedStep[], kind: string): readonly (readonly string[])[] =>
  steps.filter((step) => step.kind === kind).map(({ requests }) => requests.toSorted());

/** A budget: each kind of request as often as it is asked for, sorted. */
export const asking = (budget: Readonly<Record<string, number>>): readonly string[] =>
  Object.entries(budget)
    .flatMap(([request, count]) => Array.from({ length: count }, () => request))
    .toSorted();

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
    const requests = withoutRefused(await requestsOf(light, 'aviary-worker'));
    return jobs.map(({ returnvalue: report, processedOn = 0, finishedOn = 0 }) => ({
      kind: report.reason ?? `${report.outcome} in ${report.phase}`,
      requests: requests
        .filter(({ at }) => at >= processedOn && at <= finishedOn)
        .map(({ what }) => asOneOfItsKind(what)),
    }));
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

/** Whether something was said before is no matter of the budget: an event is one request either way. */
const asOneOfItsKind = (what: string): string => (what === 'patch events' ? 'create events' : what);

const refusals = [409, 422];

/**
 * A write that came between two words of a controller is refused, and made again upon a look at the object: how often is
 * the controller's doing. Both are left out, the write that succeeds is not.
 */
function withoutRefused(requests: readonly AuditedRequest[]): readonly AuditedRequest[] {
  const refused = requests.filter(({ what, code = 0 }) => what.startsWith('patch ') && refusals.includes(code));
  const looks = refused.map((write) => requests.find((request) => isLookAfter(write, request)));
  return requests.filter((request) => !refused.includes(request) && !looks.includes(request));
}

const isLookAfter = (write: AuditedRequest, { what, at, name, namespace }: AuditedRequest): boolean =>
  what === write.what.replace('patch', 'get') && at >= write.at && name === write.name && namespace === write.namespace;
