import type { Clock } from '../platform/clock.ts';
import type { Environment } from '../platform/config.ts';
import type { Logger } from '../platform/observability/logger.ts';
import type { Metrics } from '../platform/observability/metrics.ts';
import { createAuthorize } from './authorize.ts';
import { runCommand } from './run-command.ts';
import type { Runner } from './runner.ts';
import { createRunner } from './runner.ts';
import { createRunnerMetrics } from './runner-metrics.ts';
import { createServer } from './server.ts';
import type { Settings } from './settings.ts';
import { createSlots } from './slots.ts';
import type { Stores } from './stores.ts';

export interface LoadTesterOptions {
  /** The address to listen on. */
  host: string;
  settings: Omit<Settings, 'store' | 'logLevel'>;
  stores: Stores;
  /** The whole environment of every command. */
  environment: Environment;
  metrics: Metrics;
  clock: Clock;
  log: Logger;
}

export interface LoadTester {
  /** Begins to listen; resolves to the URL. */
  start(): Promise<string>;
  /** Answers what was asked and lets commands end, for at most `graceMs`; then they are killed. */
  stop(graceMs: number): Promise<void>;
}

const MAX_OUTPUT_BYTES = 64 * 1024;

/** The service, wired; main.ts gives it the real world. */
export function createLoadTester(options: LoadTesterOptions): LoadTester {
  const { host, settings, stores, metrics, clock, log } = options;
  const runner = createWiredRunner(options);
  const server = createServer({
    authorize: createAuthorize(settings.namespacePattern),
    gates: stores.gates,
    runner,
    metrics,
    readiness: stores.readiness,
    clock,
    log,
  });
  return {
    start: () => server.listen({ host, port: settings.port }),
    stop: async (graceMs) => {
      const kill = new AbortController();
      const cancel = clock.after(graceMs, () => kill.abort());
      // Together: requests wait for their commands, and commands are asked for by requests that are still being read.
      await Promise.all([server.close(), runner.stop(kill.signal)]);
      cancel();
    },
  };
}

function createWiredRunner({ settings, stores, environment, metrics, clock, log }: LoadTesterOptions): Runner {
  const runnerMetrics = createRunnerMetrics(metrics);
  const limits = { timeoutMs: settings.commandTimeoutMs, maxOutputBytes: MAX_OUTPUT_BYTES };
  const slots = createSlots({
    execute: (program, signal) => runCommand({ program, environment, ...limits, signal, clock }),
    maxConcurrent: settings.maxConcurrentCommands,
    metrics: runnerMetrics,
    log,
  });
  return createRunner({ claims: stores.claims, slots, metrics: runnerMetrics, log });
}
