/**
 * Random histories of many workers that share a Redis: they ask for places at the same time, see statuses late, die
 * between a place and the status that uses it, and have their Redis emptied. Never do more runs go on than may.
 */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import type { Redis } from 'ioredis';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import type { RunLimits } from '../../worker/runs/places.ts';
import { createRunPlaces } from '../../worker/runs/run-places.ts';
import type { RunPlaces } from '../../worker/runs/run-places.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';
import type { RedisServer } from '../loadtester/redis-server.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import type { FakeClock } from '../support/fake-clock.ts';

let server: RedisServer;
let redis: Redis;
test.before(async () => {
  server = await startRedisServer();
  redis = createRedis({ url: server.url, role: 'consumer', connectionName: 'test', log });
});
test.after.always(async () => {
  redis?.disconnect();
  await server?.end();
});

const workers = 3;
const limits: RunLimits = { cluster: 4, namespace: 3, ofNamespaces: new Map([['team-0', 2]]) };
const mostOf = (namespace: string): number => (namespace === 'team-0' ? 2 : 3);
const canaries: readonly CanaryKey[] = Array.from({ length: 12 }, (_, index) => ({
  namespace: `team-${index % 3}`,
  name: `app-${index}`,
  uid: '1a2b3c4d-0000',
}));
const intervalMs = 10_000;

type Happening =
  /** Each of these is looked at by a step, all at the same time, in turn by the workers. */
  | { readonly kind: 'steps'; readonly of: readonly number[]; readonly dies: boolean; readonly emptied: boolean }
  | { readonly kind: 'ends'; readonly of: number; readonly dies: boolean }
  /** A worker hears of all statuses that were saved until now. */
  | { readonly kind: 'hears'; readonly worker: number }
  | { readonly kind: 'emptied' }
  | { readonly kind: 'passes'; readonly ms: number };

const one = fc.nat({ max: canaries.length - 1 });
const rarely = fc.nat({ max: 9 }).map((drawn) => drawn === 0);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('steps' as const),
      of: fc.uniqueArray(one, { minLength: 1 }),
      dies: fc.boolean(),
      emptied: rarely,
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('ends' as const), of: one, dies: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('hears' as const), worker: fc.nat({ max: workers - 1 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'emptied' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('passes' as const), ms: fc.constantFrom(100, 1_100, 10_000, 130_000) }),
  },
);

interface World {
  readonly clock: FakeClock;
  readonly prefix: string;
  readonly running: Set<CanaryKey>;
  readonly heard: readonly Set<CanaryKey>[];
  readonly places: readonly RunPlaces[];
  /** When all workers last heard of everything, in epoch milliseconds. */
  heardAt: number;
}

/** Its sets count already. */
async function aWorld(): Promise<World> {
  const clock = createFakeClock();
  const prefix = `{${randomUUID()}}`;
  const heard = Array.from({ length: workers }, () => new Set<CanaryKey>());
  const places = heard.map((known) =>
    createRunPlaces({ redis, prefix, limits, clock, running: () => known, queued: () => [] }),
  );
  const world = { clock, prefix, heard, places, running: new Set<CanaryKey>(), heardAt: 0 };
  const asking = { namespace: 'team-9', name: 'asks-first', uid: '1a2b3c4d-0000' };
  await placesOf(world, 0).admit(asking, 0);
  await clock.advance(20_000);
  await placesOf(world, 0).admit(asking, 0);
  await placesOf(world, 0).leave(asking);
  world.heardAt = clock.now();
  return world;
}

const placesOf = ({ places }: World, index: number): RunPlaces => places[index % workers] as RunPlaces;

function hear({ heard, running }: World, worker: number): void {
  const known = heard[worker];
  known?.clear();
  for (const canary of running) known?.add(canary);
}

async function step(world: World, index: number, dies: boolean): Promise<void> {
  const canary = canaries[index] as CanaryKey;
  const places = placesOf(world, index);
  if (world.running.has(canary)) return places.keep(canary, intervalMs);
  const answer = await places.admit(canary, world.clock.now());
  if (answer.kind !== 'admitted' || dies) return;
  world.running.add(canary);
  await places.keep(canary, intervalMs);
}

/** Running canaries have their steps, and no worker hears of a status later than an interval. */
async function pass(world: World, ms: number): Promise<void> {
  const { clock } = world;
  const until = clock.now() + ms;
  while (clock.now() < until) {
    await clock.advance(Math.min(until, world.heardAt + intervalMs) - clock.now());
    if (clock.now() < world.heardAt + intervalMs) return;
    world.heardAt = clock.now();
    for (let worker = 0; worker < workers; worker += 1) hear(world, worker);
    for (const canary of world.running) await placesOf(world, canaries.indexOf(canary)).keep(canary, intervalMs);
  }
}

async function empty({ prefix }: World): Promise<void> {
  const keys = await redis.keys(`${prefix}*`);
  if (keys.length > 0) await redis.del(...keys);
}

async function happens(world: World, what: Happening): Promise<void> {
  switch (what.kind) {
    case 'steps':
      await Promise.all([
        ...what.of.map((index) => step(world, index, what.dies)),
        ...(what.emptied ? [empty(world)] : []),
      ]);
      return;
    case 'ends': {
      const canary = canaries[what.of] as CanaryKey;
      if (world.running.delete(canary) && !what.dies) await placesOf(world, what.of).leave(canary);
      return;
    }
    case 'hears':
      return hear(world, what.worker);
    case 'emptied':
      return empty(world);
    case 'passes':
      return pass(world, what.ms);
    default:
      return what satisfies never;
  }
}

function tooMany({ running }: World): string | undefined {
  if (running.size > 4) return `${running.size} of 4 runs of the cluster`;
  for (const namespace of ['team-0', 'team-1', 'team-2']) {
    const count = [...running].filter((canary) => canary.namespace === namespace).length;
    if (count > mostOf(namespace)) return `${count} of ${mostOf(namespace)} runs of ${namespace}`;
  }
  return undefined;
}

test('in random histories no more runs go on than may', async (t) => {
  await t.notThrowsAsync(() =>
    fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 3, maxLength: 25 }), async (history) => {
        const world = await aWorld();
        for (const what of history) {
          await happens(world, what);
          const broken = tooMany(world);
          if (broken !== undefined) throw new Error(broken);
        }
      }),
      { numRuns: 600 },
    ),
  );
});

test('however a history went, every place is given again in the end', async (t) => {
  await t.notThrowsAsync(() =>
    fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 15 }), async (history) => {
        const world = await aWorld();
        for (const what of history) await happens(world, what);
        for (let round = 0; round < 20 && world.running.size < 4; round += 1) {
          await pass(world, 20_000);
          await Promise.all(canaries.map((_, index) => step(world, index, false)));
        }
        if (world.running.size !== 4) throw new Error(`${world.running.size} of 4 runs go on`);
      }),
      { numRuns: 60 },
    ),
  );
});
