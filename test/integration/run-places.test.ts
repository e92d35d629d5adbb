/** Limits of runs on a real Redis: many workers at once, a crash, an emptied Redis. */
import { randomUUID } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createRedis } from '../../platform/redis/redis.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { createRunPlaces } from '../../worker/runs/run-places.ts';
import type { WaitingCanary } from '../../worker/runs/place-sets.ts';
import type { RunPlaces } from '../../worker/runs/run-places.ts';
import type { RunLimits } from '../../worker/runs/places.ts';
import { startRedisServer } from '../loadtester/redis-server.ts';
import type { RedisServer } from '../loadtester/redis-server.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import type { FakeClock } from '../support/fake-clock.ts';

let server: RedisServer;
test.before(async () => {
  server = await startRedisServer();
});
test.after.always(() => server?.end());

const key = (namespace: string, name: string | number, intervalMs = 60_000): WaitingCanary => ({
  namespace,
  name: String(name),
  uid: '1a2b3c4d-0000',
  intervalMs,
});

const cluster = (most: number): RunLimits => ({ cluster: most, namespace: undefined, ofNamespaces: new Map() });

function bench(t: ExecutionContext, limits: RunLimits, ratio = 1) {
  const redis = createRedis({ url: server.url, role: 'consumer', connectionName: 'test', log });
  t.teardown(() => redis.disconnect());
  const prefix = `{${randomUUID()}}`;
  const clock = createFakeClock();
  const statuses = new Set<CanaryKey>();
  const queued = new Set<WaitingCanary>();
  const heard = { running: () => statuses, queued: () => queued };
  const worker = () => createRunPlaces({ redis, prefix, limits, clock, ratio: async () => ratio, ...heard });
  return { redis, prefix, clock, statuses, queued, worker };
}

/** Sets that are new count after a while only. */
async function countedBy(places: RunPlaces, clock: FakeClock): Promise<void> {
  const asking = key('a', 'asks-first');
  await places.admit(asking, 0);
  await clock.advance(20_000);
  await places.leave(asking);
}

test('many workers that ask at once give no place too many, and none stays empty', async (t) => {
  const { worker, clock } = bench(t, cluster(7));
  const workers = Array.from({ length: 8 }, worker);
  await countedBy(worker(), clock);
  const waiting = Array.from({ length: 60 }, (_, index) => key(`team-${index % 3}`, index));
  const admitted = new Set<CanaryKey>();
  for (let round = 0; round < 4; round += 1) {
    const answers = await Promise.all(
      waiting.map(async (canary, index) => ({ canary, answer: await workers[index % 8]?.admit(canary, 1) })),
    );
    for (const { canary, answer } of answers) if (answer?.kind === 'admitted') admitted.add(canary);
    t.true(admitted.size <= 7, `${admitted.size} of 7`);
    await clock.advance(1_500);
  }
  t.is(admitted.size, 7);
  const byTeam = ['team-0', 'team-1', 'team-2'].map(
    (team) => [...admitted].filter((one) => one.namespace === team).length,
  );
  t.true(Math.max(...byTeam) - Math.min(...byTeam) <= 1, `places by team: ${byTeam.join(', ')}`);
});

test('a place that is given back goes to the one that has waited longest', async (t) => {
  const { worker, clock } = bench(t, cluster(1));
  const places = worker();
  await countedBy(places, clock);
  t.deepEqual(await places.admit(key('a', 'first'), 1), { kind: 'admitted' });
  t.deepEqual(await places.admit(key('a', 'first'), 1), { kind: 'admitted' }, 'a step that is repeated has it already');
  t.like(await places.admit(key('a', 'second'), 2), { kind: 'queued', by: 'cluster', position: 1, runs: 1, most: 1 });
  t.like(await places.admit(key('a', 'third'), 3), { kind: 'queued', position: 2, waiting: 2 });
  await places.leave(key('a', 'first'));
  await clock.advance(1_500);
  t.like(await places.admit(key('a', 'third'), 3), { kind: 'queued', position: 2 });
  t.deepEqual(await places.admit(key('a', 'second'), 2), { kind: 'admitted' });
});

test('a run that is kept is not forgotten; one whose step died before it was saved loses its place', async (t) => {
  const { worker, clock, statuses } = bench(t, cluster(1));
  const places = worker();
  await countedBy(places, clock);
  await places.admit(key('a', 'died'), 1);
  await clock.advance(121_000);
  t.deepEqual(await places.admit(key('a', 'next'), 2), { kind: 'admitted' });
  await places.keep(key('a', 'next'), 300_000);
  await clock.advance(1_000_000);
  t.like(await places.admit(key('a', 'late'), 3), { kind: 'queued' }, 'kept for four of its long intervals');
  statuses.add(key('a', 'next'));
  await clock.advance(300_000);
  t.like(await places.admit(key('a', 'late'), 3), { kind: 'queued' }, 'its status says that it goes on');
  statuses.clear();
  await clock.advance(130_000);
  t.deepEqual(await places.admit(key('a', 'late'), 3), { kind: 'admitted' });
});

test('an emptied Redis takes what goes on from the statuses, and the line from those who ask again', async (t) => {
  const { worker, clock, statuses, redis, prefix } = bench(t, cluster(2));
  const places = worker();
  await countedBy(places, clock);
  for (const name of ['one', 'two']) {
    await places.admit(key('a', name), 1);
    statuses.add(key('a', name));
  }
  t.like(await places.admit(key('a', 'early'), 2), { kind: 'queued' });
  await redis.del(await redis.keys(`${prefix}*`));
  await clock.advance(1_500);
  const other = worker();
  t.deepEqual(await other.admit(key('a', 'late'), 9), { kind: 'counting' });
  t.deepEqual(await other.admit(key('a', 'early'), 2), { kind: 'counting' });
  await clock.advance(20_000);
  t.like(await other.admit(key('a', 'late'), 9), { kind: 'queued', runs: 2, position: 2, waiting: 2 });
  t.like(await other.admit(key('a', 'early'), 2), { kind: 'queued', runs: 2 });
  statuses.clear();
  await places.leave(key('a', 'one'));
  await clock.advance(1_500);
  t.like(await other.admit(key('a', 'late'), 9), { kind: 'queued', position: 2 });
  t.deepEqual(await other.admit(key('a', 'early'), 2), { kind: 'admitted' });
});

test('a place that was given just before Redis was emptied, and that no watch has heard of, is not given again', async (t) => {
  const { worker, clock, statuses, redis, prefix } = bench(t, cluster(1));
  const places = worker();
  await countedBy(places, clock);
  t.deepEqual(await places.admit(key('a', 'first'), 1), { kind: 'admitted' });
  await redis.del(await redis.keys(`${prefix}*`));
  const other = worker();
  for (let seconds = 0; seconds < 20; seconds += 10) {
    t.deepEqual(await other.admit(key('a', 'second'), 2), { kind: 'counting' }, `after ${seconds} s`);
    await clock.advance(10_000);
  }
  statuses.add(key('a', 'first'));
  t.like(await other.admit(key('a', 'second'), 2), { kind: 'queued', runs: 1, most: 1 });
});

test('a worker that looked just before Redis was emptied gives no place by what it saw', async (t) => {
  const { worker, clock, redis, prefix } = bench(t, { cluster: 2, namespace: 1, ofNamespaces: new Map() });
  const places = worker();
  await countedBy(places, clock);
  t.deepEqual(await places.admit(key('a', 'one'), 1), { kind: 'admitted' });
  await clock.advance(1_500);
  t.like(
    await places.admit(key('a', 'two'), 2),
    { kind: 'queued', by: 'namespace' },
    'it has seen a free place for others',
  );
  await redis.del(await redis.keys(`${prefix}*`));
  t.deepEqual(await places.admit(key('b', 'three'), 3), { kind: 'counting' });
});

/** Others take the place that is free after each look at the line, so many times, and give it back. */
function outrun({ redis, prefix, clock }: Pick<ReturnType<typeof bench>, 'redis' | 'prefix' | 'clock'>, times: number) {
  const evaluate = redis.eval.bind(redis) as (...args: readonly string[]) => Promise<unknown>;
  let grants = 0;
  const outrunning = async (...args: readonly string[]): Promise<unknown> => {
    grants += 1;
    if (grants > times) return evaluate(...args);
    await redis.zadd(`${prefix}:runs`, String(clock.now() + 60_000), 'b.faster');
    const granted = await evaluate(...args);
    await redis.zrem(`${prefix}:runs`, 'b.faster');
    return granted;
  };
  Object.assign(redis, { eval: outrunning });
  return { grants: () => grants };
}

test('one whose free place others take first looks again, and after a while claims no place in the line', async (t) => {
  for (const [times, answer] of [
    [2, { kind: 'admitted' }],
    [3, { kind: 'counting' }],
  ] as const) {
    const { worker, ...world } = bench(t, cluster(1));
    const places = worker();
    await countedBy(places, world.clock);
    await places.admit(key('a', 'before'), 0);
    await places.leave(key('a', 'before'));
    await world.clock.advance(1_500);
    const others = outrun(world, times);
    t.deepEqual(await places.admit(key('a', 'slower'), 1), answer);
    t.is(others.grants(), 3);
  }
});

test('a run that began before there was a limit counts from its next step on', async (t) => {
  const { worker, clock } = bench(t, cluster(1));
  const places = worker();
  await countedBy(places, clock);
  await places.keep(key('a', 'old'), 1_000);
  await clock.advance(1_500);
  t.like(await places.admit(key('a', 'new'), 1), { kind: 'queued', runs: 1 });
});

test('one whose revision was taken back, or that was deleted, keeps no place free for longer than two minutes', async (t) => {
  const { worker, clock, queued } = bench(t, cluster(1));
  const places = worker();
  await countedBy(places, clock);
  await places.keep(key('a', 'long'), 3_600_000);
  for (const [since, name] of ['gone', 'slow', 'next'].entries()) {
    await places.admit(key('a', name), since);
    queued.add(key('a', name));
  }
  queued.clear();
  for (const name of ['slow', 'next']) queued.add(key('a', name));
  await clock.advance(119_000);
  t.like(await places.admit(key('a', 'next'), 2), { position: 3, waiting: 3 }, 'a step may come late');
  await clock.advance(2_000);
  t.like(await places.admit(key('a', 'next'), 2), { position: 2, waiting: 2 }, 'one that still wants it is waited for');
  await places.leave(key('a', 'long'));
  await clock.advance(1_000);
  t.like(await places.admit(key('a', 'next'), 2), { position: 2 });
  t.deepEqual(await places.admit(key('a', 'slow'), 1), { kind: 'admitted' });
});

test('one that has not asked for ten minutes waits no more', async (t) => {
  const { worker, clock } = bench(t, cluster(1));
  const places = worker();
  await countedBy(places, clock);
  await places.keep(key('a', 'long'), 3_600_000);
  await places.admit(key('a', 'gone'), 1);
  await clock.advance(601_000);
  t.like(await places.admit(key('a', 'there'), 2), { kind: 'queued', position: 1, waiting: 1 });
});

test('one that asks rarely, by its interval or as intervals are stretched, keeps its turn for four of them', async (t) => {
  for (const ratio of [1, 15]) {
    const { worker, clock, queued } = bench(t, cluster(1), ratio);
    const places = worker();
    await countedBy(places, clock);
    const rare = key('a', 'rare', 900_000 / ratio);
    await places.keep(key('a', 'long'), 3_600_000);
    await places.admit(rare, 1);
    queued.add(rare);
    await clock.advance(890_000);
    await places.leave(key('a', 'long'));
    t.like(await places.admit(key('a', 'often'), 2), { kind: 'queued', position: 2 }, 'the free place is for it');
    await clock.advance(4 * 900_000 - 890_000);
    t.deepEqual(await places.admit(key('a', 'often'), 2), { kind: 'admitted' }, 'it does not come');
  }
});
