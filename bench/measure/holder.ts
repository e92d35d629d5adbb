/** Whose step a worker is at, from the leases in Redis. They outlive a worker that was killed by some seconds. */
import { nameOf } from '../../platform/kubernetes/object.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { keyText } from '../../queue/step-job.ts';
import { redisPrefix } from '../stage/aviary.ts';
import type { Inhabitant } from '../world/world.ts';

/** Whoever opens it closes it. */
export interface Leases {
  /** The canaries, as `namespace/name`, that a worker of this name is at. */
  heldBy(worker: string): Promise<readonly string[]>;
  close(): void;
}

export function openLeases(redisUrl: string, inhabitants: readonly Inhabitant[]): Leases {
  const redis = createRedis({ url: redisUrl, role: 'consumer', connectionName: 'bench-leases', log });
  const keys = inhabitants.map(leaseKey);
  return {
    heldBy: async (worker) => heldIn(inhabitants, await redis.mget(keys), worker),
    close: () => redis.disconnect(),
  };
}

const leaseKey = ({ namespace, name, rhythm: { uid } }: Inhabitant): string =>
  `${redisPrefix}:lease:${keyText({ namespace, name, uid })}`;

/** @param tokens of the inhabitants' leases, in their order; a token begins with the name of its holder */
export const heldIn = (
  inhabitants: readonly Inhabitant[],
  tokens: readonly (string | null)[],
  worker: string,
): readonly string[] =>
  inhabitants
    .filter((_, index) => tokens[index]?.startsWith(`${worker}/`) === true)
    .map((inhabitant) => nameOf(inhabitant));
