import { allAddresses } from '../platform/http/all-addresses.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { hasSwitch } from '../platform/command-line.ts';
import { createLogger } from '../platform/observability/logger.ts';
import { createMetrics } from '../platform/observability/metrics.ts';
import { createRedis } from '../platform/redis/redis.ts';
import { installShutdown } from '../platform/shutdown.ts';
import { createBoard } from './board.ts';
import { loadSettings } from './settings.ts';
import { messageOf } from '../platform/error-message.ts';

/** The board of the queues. Settings: see settings.ts. It needs Redis and nothing of Kubernetes. */
async function main(): Promise<void> {
  hasSwitch(process.argv.slice(2));
  const settings = loadSettings(process.env);
  const log = createLogger({ name: 'aviary-board', level: settings.logLevel, clock });
  const redis = createRedis({ ...settings.redis, role: 'producer', connectionName: 'aviary-board', log });
  const board = createBoard({
    host: allAddresses(),
    port: settings.port,
    basePath: settings.basePath,
    token: settings.token,
    redis,
    prefix: settings.redisPrefix,
    metrics: createMetrics({ processMetrics: true }),
    clock,
    log,
  });
  installShutdown({
    process,
    closers: [
      { name: 'board', close: () => board.close() },
      { name: 'redis', close: () => redis.disconnect() },
    ],
    clock,
    log,
  });
  log.info({ url: await board.start() }, 'listening');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`aviary-board: ${messageOf(error)}\n`);
  process.exit(1);
}
