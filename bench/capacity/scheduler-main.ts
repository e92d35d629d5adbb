/**
 * The resident scheduler, whole, on a generated cluster and a real Redis.
 *
 *   node out/bench/capacity/scheduler-main.js REDIS_URL CANARIES TICK HORIZON
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { systemClock as clock } from '../../platform/clock.ts';
import { createLogger } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { noTracing } from '../../platform/observability/tracing.ts';
import { createStepQueue } from '../../queue/step-queue.ts';
import { createTickMark } from '../../queue/tick-mark.ts';
import { loadSchedulerConfig } from '../../scheduler/config.ts';
import { createResident } from '../../scheduler/resident.ts';
import { answerQuestions, say } from './child.ts';
import { generatedCluster } from './generated-cluster.ts';
import type { SchedulerMemory, SchedulerSaid } from './scheduler.ts';

const [url = '', count = '0', tick = '', horizon = ''] = process.argv.slice(2);

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

/** Milliseconds for which the event loop was held up at the longest since this was last asked. */
function longestBlock(): number {
  const longest = delay.max / 1e6;
  delay.reset();
  return longest;
}

let cpuBefore = process.cpuUsage();

/** Milliseconds on a processor since this was last asked. */
function cpuSinceLast(): number {
  const { user, system } = process.cpuUsage(cpuBefore);
  cpuBefore = process.cpuUsage();
  return (user + system) / 1_000;
}

const costs = () => ({
  at: clock.now(),
  cpuMs: cpuSinceLast(),
  longestBlockMs: longestBlock(),
  rssMiB: process.memoryUsage.rss() / 2 ** 20,
});

function tell(line: string): void {
  const { msg, err, ...fields } = JSON.parse(line) as Record<string, unknown> & { readonly msg: string };
  if (msg === 'tick done') say({ kind: 'tick', ...costs(), ...fields });
  else say({ kind: 'words', words: msg, detail: JSON.stringify({ err, ...fields }) } satisfies SchedulerSaid);
}

const log = createLogger({ name: 'scheduler', level: 'info', clock, destination: { write: tell } });
const config = loadSchedulerConfig(
  { REDIS_URL: url, KUBECONFIG: 'generated', PORT: '0', TICK_INTERVAL: tick, HORIZON: horizon },
  { once: false },
);
const redis = createRedis({ ...config.redis, role: 'producer', connectionName: 'aviary-scheduler', log });
const keys = { redis, prefix: config.redisPrefix };
const resident = createResident({
  config,
  client: generatedCluster(Number(count)),
  redis,
  queue: createStepQueue({ ...keys, log, clock, weights: config.weights }),
  mark: createTickMark(keys),
  metrics: createMetrics(),
  tracing: noTracing,
  clock,
  random: Math.random,
  log,
});

answerQuestions({
  memory: (): SchedulerMemory => {
    globalThis.gc?.();
    const { rss, heapUsed } = process.memoryUsage();
    return { rssMiB: rss / 2 ** 20, heapMiB: heapUsed / 2 ** 20 };
  },
  block: longestBlock,
});
say({ kind: 'words', words: 'started', detail: '' } satisfies SchedulerSaid);
await redis.ping().catch(() => new Promise((resolve) => redis.once('ready', resolve)));
await resident.run(new AbortController().signal);
