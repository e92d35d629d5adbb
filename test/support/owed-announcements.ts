/** What a canary still has to announce, and where its alerts are: why an outbox does not get empty. */
import { arrayAt, stringAt } from '../../platform/json.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { openAlertQueue } from '../../queue/alert-queue.ts';
import type { AlertJobData } from '../../queue/alert-job.ts';
import type { OutageBench } from './outage-bench.ts';
import type { CanaryName } from './released-canary.ts';

/** One line for each announcement in the outbox, each alert's job, the lane that orders them, and the pace of the slots. */
export async function explainOwed(bench: OutageBench, { namespace, name }: CanaryName): Promise<string> {
  const { cluster, prefix } = bench;
  const outbox = arrayAt(await cluster.read(namespace, name), 'status', 'outbox');
  const redis = createRedis({ url: cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  const queue = openAlertQueue({ redis, prefix, log });
  try {
    const [lane = ''] = await redis.keys(`${prefix}:lane:${namespace}.${name}.*`);
    const jobs = (await queue.getJobs()).filter(({ data }) => data.ns === namespace && data.name === name);
    return [
      ...outbox.map((one) => `owed: ${JSON.stringify(one)}`),
      ...(await Promise.all(jobs.map(stateOf))),
      `lane: ${lane === '' ? 'none' : (await redis.zrange(lane, 0, '-1')).join(', ')}`,
      `pace: ${(await redis.get(`${prefix}:pace`)) ?? 'none'}`,
    ].join('\n');
  } finally {
    await queue.close();
    redis.disconnect();
  }
}

interface AlertState {
  readonly id?: string | undefined;
  readonly data: AlertJobData;
  readonly attemptsMade: number;
  readonly stalledCounter: number;
  readonly failedReason?: string | undefined;
  getState(): Promise<string>;
}

async function stateOf(job: AlertState): Promise<string> {
  const { id, data, attemptsMade, stalledCounter, failedReason } = job;
  const counts = `attempts ${attemptsMade}, workers lost ${stalledCounter}`;
  return `${id}: ${await job.getState()}, ${counts}, '${data.alert.message}' ${failedReason ?? ''}`;
}

/** How often an alert of the canary was taken back from a worker that was lost: it may have sent it by then. */
export const takenBack = ({ processes }: OutageBench, { namespace, name }: CanaryName): number =>
  processes
    .flatMap((process) => process.lines())
    .filter((line) => line['msg'] === 'job of a lost worker taken back' && line['queue'] === 'alerts')
    .filter((line) => stringAt(line, 'job')?.startsWith(`a.${namespace}.${name}.`) === true).length;
