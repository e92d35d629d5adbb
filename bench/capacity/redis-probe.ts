/** What a span of time has cost Redis, and for how long one command held it up at the longest. */
import type { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { monotonic } from '../../sandbox/wait.ts';

export interface RedisSpan {
  readonly seconds: number;
  /** Of its main thread, the only one that carries out commands. */
  readonly cpuSeconds: number;
  /** Scripts that clients have asked for. */
  readonly scripts: number;
  /** Milliseconds of the longest command, by the slow log; 0 when none took a millisecond. */
  readonly longestCommandMs: number;
  /** Commands of ten milliseconds and more. */
  readonly over10Ms: number;
  /** Milliseconds that a ping took at the longest, one every few milliseconds: it waits behind whatever else there is. */
  readonly longestPingMs: number;
}

export interface RedisProbe {
  readonly redis: Redis;
  /** Costs of the time that `work` takes. */
  during<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly span: RedisSpan }>;
  /** MiB that Redis has allocated for its data. */
  memory(): Promise<number>;
  close(): void;
}

const slowMicroseconds = 1_000;
const slowEntries = 4_096;
const pingPauseMs = 5;

export function openProbe(url: string): RedisProbe {
  const redis = createRedis({ url, role: 'consumer', connectionName: 'bench-probe', log });
  const pinger = createRedis({ url, role: 'consumer', connectionName: 'bench-ping', log });
  return {
    redis,
    during: async (work) => {
      await redis.config('SET', 'slowlog-log-slower-than', String(slowMicroseconds));
      await redis.config('SET', 'slowlog-max-len', String(slowEntries));
      await redis.slowlog('RESET');
      const pings = startPings(pinger);
      const before = await read(redis);
      try {
        const result = await work();
        const after = await read(redis);
        const slow = await slowMs(redis);
        const span = {
          seconds: (after.at - before.at) / 1_000,
          cpuSeconds: after.cpuSeconds - before.cpuSeconds,
          scripts: after.scripts - before.scripts,
          longestCommandMs: Math.max(0, ...slow),
          over10Ms: slow.filter((ms) => ms >= 10).length,
          longestPingMs: await pings.longest(),
        };
        return { result, span };
      } finally {
        await pings.longest();
      }
    },
    memory: async () => numberIn(await redis.info('memory'), 'used_memory') / 2 ** 20,
    close: () => {
      redis.disconnect();
      pinger.disconnect();
    },
  };
}

const numberIn = (info: string, field: string): number =>
  Number(new RegExp(`^${field}:([\\d.]+)`, 'm').exec(info)?.[1] ?? Number.NaN);

interface Reading {
  readonly at: number;
  readonly cpuSeconds: number;
  readonly scripts: number;
}

async function read(redis: Redis): Promise<Reading> {
  const [cpu, stats] = await Promise.all([redis.info('cpu'), redis.info('commandstats')]);
  // The first of a kind is sent whole.
  const scripts = [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
  return {
    at: monotonic(),
    cpuSeconds: numberIn(cpu, 'used_cpu_user_main_thread') + numberIn(cpu, 'used_cpu_sys_main_thread'),
    scripts,
  };
}

/** Milliseconds of each entry of the slow log. */
async function slowMs(redis: Redis): Promise<readonly number[]> {
  const entries = (await redis.slowlog('GET', slowEntries)) as readonly (readonly unknown[])[];
  return entries.map((entry) => Number(entry[2]) / 1_000);
}

function startPings(redis: Redis) {
  const controller = new AbortController();
  let longest = 0;
  const pinging = (async (signal: AbortSignal) => {
    while (!signal.aborted) {
      const begunAt = monotonic();
      await redis.ping();
      longest = Math.max(longest, monotonic() - begunAt);
      await clock.sleep(pingPauseMs);
    }
  })(controller.signal);
  return {
    longest: async () => {
      controller.abort();
      await pinging;
      return longest;
    },
  };
}
