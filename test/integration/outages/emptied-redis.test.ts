/** Redis is emptied in mid-run: the next slot of every canary is taken, on time, and none twice. */
import test from 'ava';
import { slotAt } from '../../../canary/slot.ts';
import { systemClock as clock } from '../../../platform/clock.ts';
import { arrayAt, stringAt } from '../../../platform/json.ts';
import { createRedis } from '../../../platform/redis/redis.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { waitFor } from '../../../sandbox/wait.ts';
import { startOutageBench } from '../../support/outage-bench.ts';
import type { OutageBench } from '../../support/outage-bench.ts';
import { setScene } from '../../support/outage-scene.ts';
import type { Scene } from '../../support/outage-scene.ts';
import { assertOneRun } from '../../support/outcome-of-a-run.ts';

let bench: OutageBench;
test.before(async () => {
  bench = await startOutageBench();
});
test.after.always(() => bench.close());

/**
 * Not between the arrival of an alert and the step that notes it: what is lost then makes the alert come twice, as decision
 * 0005 admits.
 */
async function emptyRedis({ podinfo, neighbour }: Scene): Promise<void> {
  for (const { namespace, name } of [podinfo, neighbour]) {
    await waitFor({
      what: `the alerts of ${name} to be noted`,
      seconds: 15,
      every: 50,
      look: async () => {
        const owed = arrayAt(await bench.cluster.read(namespace, name), 'status', 'outbox');
        return owed.some((one) => stringAt(one, 'kind') === 'alert') ? undefined : true;
      },
    });
  }
  const redis = createRedis({ url: bench.cluster.light.redisUrl, role: 'consumer', connectionName: 'test', log });
  await redis.flushall();
  redis.disconnect();
}

/** Slots of podinfo in which a step was taken. */
const slotsTaken = (namespace: string): readonly number[] =>
  bench.processes
    .flatMap((process) => process.lines())
    .filter(({ msg, canary }) => msg === 'step taken' && canary === `${namespace}/podinfo`)
    .flatMap(({ slot }) => (typeof slot === 'number' ? [slot] : []))
    .toSorted((a, b) => a - b);

const weightBecomes = (weights: () => readonly number[], weight: number): Promise<true> =>
  waitFor({
    what: `weight ${weight}`,
    seconds: 60,
    look: () => (weights().includes(weight) ? true : undefined),
  });

const intervalMs = 3_000;

/** The first slot with a step after this one. */
const nextSlot = (namespace: string, after: number): Promise<number> =>
  waitFor({
    what: `a step in a slot after ${after}`,
    seconds: 30,
    look: () => slotsTaken(namespace).find((slot) => slot > after),
    explain: () => slotsTaken(namespace).join(' '),
  });

/** The slot of podinfo at this moment. */
async function currentSlot(namespace: string): Promise<number> {
  const { uid = '' } = (await bench.cluster.read(namespace)).metadata;
  return slotAt({ uid, intervalMs }, clock.now());
}

test.serial('a scheduler that stays notices between two ticks, which are a minute apart', async (t) => {
  await bench.fleet({ NAMESPACE: 'stays', TICK_INTERVAL: '60s', REDIS_PREFIX: '{stays}' });
  const scene = await setScene(t, bench, { namespace: 'stays', analysis: { interval: '3s' } });
  await scene.release();
  for (const weight of [10, 20]) {
    await weightBecomes(() => scene.record.weights('podinfo'), weight);
    await emptyRedis(scene);
    // The step of this slot may still be under way: it proves nothing.
    const current = await currentSlot('stays');
    t.is(await nextSlot('stays', current), current + 1);
  }
  await assertOneRun(t, bench, scene);
});

test.serial('with a CronJob the next tick brings everything back', async (t) => {
  const env = { NAMESPACE: 'ticks', REDIS_PREFIX: '{ticks}' };
  const tick = async (): Promise<void> => {
    t.is(await bench.run({ program: 'scheduler', args: ['--once'], env }).ended(), 0);
  };
  await bench.worker('of-ticks', env);
  const ticking = setInterval(() => void tick(), 5_000);
  t.teardown(() => clearInterval(ticking));
  const scene = await setScene(t, bench, { namespace: 'ticks', analysis: { interval: '3s' } });
  clearInterval(ticking);
  await scene.release();
  await tick();
  await weightBecomes(() => scene.record.weights('podinfo'), 10);
  await emptyRedis(scene);
  const emptiedIn = await currentSlot('ticks');
  await tick();
  const tickedIn = await currentSlot('ticks');
  t.true((await nextSlot('ticks', emptiedIn)) <= tickedIn + 1);
  await assertOneRun(t, bench, scene);
});
