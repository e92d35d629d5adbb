/** A real master with a replica, and three real sentinels that watch over both. */
import { Redis } from 'ioredis';
import type { RedisAddress } from '../../platform/redis/address.ts';
import { redisAddressOf } from '../../platform/redis/settings.ts';
import { freePorts } from '../../sandbox/ports.ts';
import type { ServerProcess } from '../../sandbox/server-process.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { createRedisHost } from './redis-host.ts';

/** Of users of Redis. */
export const password = 'pa55word';
export const sentinelPassword = 's3ntinel';
/** As whom replica and sentinels speak to the master. */
const server = 'server';
/** Milliseconds without an answer after which a sentinel takes the master for lost. */
const downAfterMs = 1_000;

export interface WatchedRedis {
  readonly master: ServerProcess;
  readonly masterPort: number;
  readonly replicaPort: number;
  readonly sentinelPorts: readonly number[];
  readonly address: RedisAddress;
  /** Ends all servers. */
  release(): Promise<void>;
}

export async function startWatchedRedis(): Promise<WatchedRedis> {
  const host = await createRedisHost();
  const [masterPort = 0, replicaPort = 0, ...sentinelPorts] = await freePorts(5);
  const user = ['--user', server, 'on', `>${password}`, '~*', '&*', '+@all'];
  const link = ['--masteruser', server, '--masterauth', password];
  const signs = ['--requirepass', password, ...user, ...link, '--appendonly', 'no'];
  const master = await host.launch(masterPort, ...signs);
  await host.launch(replicaPort, ...signs, '--replicaof', `127.0.0.1 ${masterPort}`);
  const configuration = [
    `requirepass ${sentinelPassword}`,
    `sentinel sentinel-pass ${sentinelPassword}`,
    `sentinel monitor mymaster 127.0.0.1 ${masterPort} 2`,
    `sentinel auth-user mymaster ${server}`,
    `sentinel auth-pass mymaster ${password}`,
    `sentinel down-after-milliseconds mymaster ${downAfterMs}`,
    'sentinel failover-timeout mymaster 5000',
  ];
  await Promise.all(sentinelPorts.map((port) => host.sentinel(port, configuration)));
  await waitFor({
    what: 'the sentinels to know each other',
    seconds: 30,
    look: async () => ((await Promise.all(sentinelPorts.map(isAcquainted))).every(Boolean) ? true : undefined),
  });
  const address = redisAddressOf({
    REDIS_URL: `redis://:${password}@mymaster`,
    REDIS_SENTINELS: sentinelPorts.map((port) => `127.0.0.1:${port}`),
    REDIS_SENTINEL_NAME: 'mymaster',
    REDIS_SENTINEL_PASSWORD: sentinelPassword,
  });
  return { master, masterPort, replicaPort, sentinelPorts, address, release: () => host.release() };
}

/** Who the sentinels say is the master. */
export async function masterOf(ports: readonly number[]): Promise<readonly (number | undefined)[]> {
  return Promise.all(
    ports.map(async (port) => {
      const sentinel = new Redis({ port, password: sentinelPassword, maxRetriesPerRequest: 1, retryStrategy: null });
      sentinel.on('error', () => undefined);
      try {
        const answer = await sentinel.call('SENTINEL', 'get-master-addr-by-name', 'mymaster').catch(() => undefined);
        return Array.isArray(answer) ? Number(answer[1]) : undefined;
      } finally {
        sentinel.disconnect();
      }
    }),
  );
}

/** Whether every sentinel knows the replica and the other two: before that it would not fail over. */
async function isAcquainted(port: number): Promise<boolean> {
  const sentinel = new Redis({ port, password: sentinelPassword });
  try {
    const info = await sentinel.info('sentinel');
    return info.includes('slaves=1') && info.includes('sentinels=3');
  } finally {
    sentinel.disconnect();
  }
}

/** Shuts replica and sentinels out of the master, and nobody else. To them it is gone, and without a replica it takes no writes. */
export async function cutOff(master: Redis): Promise<void> {
  await master.config('SET', 'min-replicas-to-write', '1');
  await master.call('ACL', 'SETUSER', server, 'off');
  await master.call('CLIENT', 'KILL', 'USER', server);
}
