import { randomUUID } from 'node:crypto';
import { allAddresses } from '../platform/http/all-addresses.ts';
import { systemClock as clock } from '../platform/clock.ts';
import { hasSwitch } from '../platform/command-line.ts';
import type { Logger } from '../platform/observability/logger.ts';
import { createLogger } from '../platform/observability/logger.ts';
import { createMetrics } from '../platform/observability/metrics.ts';
import { checkRedis, createRedis } from '../platform/redis/redis.ts';
import type { Closer } from '../platform/shutdown.ts';
import { installShutdown } from '../platform/shutdown.ts';
import { createLoadTester } from './loadtester.ts';
import type { Store } from './settings.ts';
import { commandEnvironment, loadSettings } from './settings.ts';
import type { Stores } from './stores.ts';
import { createMemoryStores, createRedisStores } from './stores.ts';
import { messageOf } from '../platform/error-message.ts';

// Kubernetes must grant more, beside the 5 s of the pod's preStop (terminationGracePeriodSeconds: 75): commands are killed,
// then what is left is closed.
const COMMAND_GRACE_MS = 50_000;
const SHUTDOWN_BOUND_MS = 60_000;

/**
 * The load tester: it runs the commands that webhooks ask for and keeps the gates that they wait at. Settings: see
 * settings.ts. A Redis that is away at the start is waited for while everything that needs no gate is served.
 */
async function main(): Promise<void> {
  hasSwitch(process.argv.slice(2));
  const settings = loadSettings(process.env);
  const log = createLogger({ name: 'aviary-loadtester', level: settings.logLevel, clock });
  const { stores, closer } = openStores(settings.store, log);
  const loadTester = createLoadTester({
    host: allAddresses(),
    settings,
    stores,
    environment: commandEnvironment(process.env),
    metrics: createMetrics({ processMetrics: true }),
    clock,
    log,
  });
  installShutdown({
    process,
    closers: [{ name: 'requests and commands', close: () => loadTester.stop(COMMAND_GRACE_MS) }, closer],
    boundMs: SHUTDOWN_BOUND_MS,
    clock,
    log,
  });
  log.info({ url: await loadTester.start() }, 'listening');
}

function openStores(store: Store, log: Logger): { stores: Stores; closer: Closer } {
  if (store.kind === 'memory') {
    log.warn(
      { reason: 'GATES=memory' },
      'gates are not durable: a restart closes them, and replicas do not share them',
    );
    return { stores: createMemoryStores(), closer: { name: 'memory', close: () => undefined } };
  }
  const redis = createRedis({ ...store.address, role: 'producer', connectionName: 'aviary-loadtester', log });
  checkRedis(redis, { clock, log, prefix: store.prefix }).catch((err: unknown) =>
    log.warn({ err }, 'redis is not usable, gates answer 503'),
  );
  const stores = createRedisStores({ redis, prefix: store.prefix, clock, log, newToken: randomUUID });
  return { stores, closer: { name: 'redis', close: () => redis.disconnect() } };
}

try {
  await main();
} catch (error) {
  process.stderr.write(`aviary-loadtester: ${messageOf(error)}\n`);
  process.exit(1);
}
