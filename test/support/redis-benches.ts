/** A Redis for one test file, and benches on it that end with the test that made them. */
import test from 'ava';
import { startRedisServer } from '../loadtester/redis-server.ts';
import type { RedisServer } from '../loadtester/redis-server.ts';
import type { RedisProgram } from '../../sandbox/lone-redis.ts';
import { createBench } from './step-workers.ts';
import type { StepBench } from './step-workers.ts';

export interface RedisBenches {
  /** There from the first test on. */
  readonly server: () => RedisServer;
  readonly aBench: () => StepBench;
}

/** Registers the hooks of the file that calls it. */
export function redisBenches(program: RedisProgram = 'redis-server'): RedisBenches {
  let started: RedisServer | undefined;
  const benches: StepBench[] = [];
  const server = (): RedisServer => {
    if (started === undefined) throw new Error('the Redis of this file is there from its first test on');
    return started;
  };
  test.before(async () => {
    started = await startRedisServer(program);
  });
  test.after.always(() => started?.end());
  test.afterEach.always(async () => {
    await Promise.all(benches.splice(0).map((bench) => bench.close()));
  });
  return {
    server,
    aBench: () => {
      const bench = createBench(server().url);
      benches.push(bench);
      return bench;
    },
  };
}
