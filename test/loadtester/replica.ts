import { randomUUID } from 'node:crypto';
import { createLoadTester } from '../../loadtester/loadtester.ts';
import type { Settings } from '../../loadtester/settings.ts';
import { createMemoryStores, createRedisStores, type Stores } from '../../loadtester/stores.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { type Logger, silentLogger } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { checkRedis, createRedis } from '../../platform/redis/redis.ts';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One load tester, asked over HTTP. */
export interface Replica {
  readonly url: string;
  /** The body is sent as it is when it is text, else as JSON. */
  post: (path: string, body: string | object) => Promise<Answer>;
  stop: (graceMs?: number) => Promise<void>;
}

export interface ReplicaOptions {
  /** Absent: gates in memory. */
  redisUrl?: string;
  prefix?: string;
  settings?: Partial<Settings>;
  log?: Logger;
}

const defaults = {
  port: 0,
  commandTimeoutMs: 30_000,
  maxConcurrentCommands: 100,
  namespacePattern: undefined,
};

export async function startReplica({
  redisUrl,
  prefix = '{test}',
  settings,
  log = silentLogger,
}: ReplicaOptions = {}): Promise<Replica> {
  const { stores, disconnect } = redisUrl === undefined ? inMemory() : await inRedis({ url: redisUrl, prefix, log });
  const loadTester = createLoadTester({
    host: '127.0.0.1',
    settings: { ...defaults, ...settings },
    stores,
    environment: process.env,
    metrics: createMetrics({ processMetrics: true }),
    clock,
    log,
  });
  const url = await loadTester.start();
  return {
    url,
    post: (path, body) => post(url + path, body),
    stop: async (graceMs = 0) => {
      await loadTester.stop(graceMs);
      disconnect();
    },
  };
}

export async function post(url: string, body: string | object): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } });
  return { status: response.status, body: await response.text() };
}

const inMemory = (): { stores: Stores; disconnect: () => void } => ({
  stores: createMemoryStores(),
  disconnect: () => undefined,
});

interface InRedis {
  readonly url: string;
  readonly prefix: string;
  readonly log: Logger;
}

async function inRedis({ url, prefix, log }: InRedis): Promise<{ stores: Stores; disconnect: () => void }> {
  const redis = createRedis({ url, role: 'producer', connectionName: 'aviary-loadtester-test', log });
  await checkRedis(redis, { clock, log, prefix: `${prefix}:loadtester` });
  const stores = createRedisStores({ redis, prefix: `${prefix}:loadtester`, clock, log, newToken: randomUUID });
  return { stores, disconnect: () => redis.disconnect() };
}
