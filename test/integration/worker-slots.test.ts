import test from 'ava';
import { dueAt, slotAt } from '../../canary/slot.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { stepJobId, wakeJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { Adapters } from '../../worker/step/perform.ts';
import { createTakeStep } from '../../worker/step/take-step.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { redisBenches } from '../support/redis-benches.ts';

const { aBench } = redisBenches();

/** Steps on a Canary object that lies in no cluster; the rules are done at once. */
function takeStepOf(object: ReturnType<typeof aCanaryObject>): TakeStep {
  const stored = { ...object, metadata: { ...object.metadata, name: 'podinfo', namespace: 'test' } };
  return createTakeStep({
    client: { get: async () => stored, replaceStatus: async (_resource, next) => next, mergePatch: async () => stored },
    examine: () => ({ kind: 'refused', identity, refusals: [{ reason: 'InvalidSpec', message: 'no' }] }),
    advance: () => {
      throw new Error('the rules are not asked about a refused Canary');
    },
    adapters: notAsked,
    deliver: async () => [],
    clock,
    log,
  });
}

const object = aCanaryObject({ analysis: { interval: '30s' } });
const uid = String(object.metadata['uid']);
const identity = {
  name: 'podinfo',
  namespace: 'test',
  uid,
  generation: 1,
  resourceVersion: '1',
  deleting: false,
  finalizers: [],
  status: { failedChecks: 0, canaryWeight: 0, iterations: 0, conditions: [], outbox: [] },
};
const notAsked = {} as Adapters;
const rhythm = { uid, intervalMs: 30_000 };
const podinfo = { namespace: 'test', name: 'podinfo', uid };

test.serial('a slot that has passed is skipped and says so', async (t) => {
  const bench = aBench();
  bench.startWorker({ takeStep: takeStepOf(object) });
  const slot = slotAt(rhythm, clock.now()) - 1;
  await bench.queue.addDue([{ name: 'step', canary: podinfo, slot, dueAt: clock.now(), position: 1 }]);
  const job = await bench.ended(stepJobId(podinfo, slot));
  t.deepEqual(job.returnvalue, { canary: 'test/podinfo', outcome: 'skipped', reason: 'slotPassed', slot });
});

test.serial('a missed slot counts with its lag, one that an edited interval has put long ago does not', async (t) => {
  const bench = aBench();
  const lags: (number | undefined)[] = [];
  bench.startWorker({ takeStep: takeStepOf(object), onEnd: ({ lagMs }) => lags.push(lagMs) });
  const missed = slotAt(rhythm, clock.now()) - 2;
  for (const { slot, reason } of [
    { slot: missed, reason: 'slotPassed' },
    { slot: Math.floor(missed / 3), reason: 'slotRenumbered' },
  ]) {
    await bench.queue.addDue([{ name: 'step', canary: podinfo, slot, dueAt: clock.now(), position: 1 }]);
    const job = await bench.ended(stepJobId(podinfo, slot));
    t.like(job.returnvalue, { outcome: 'skipped', reason });
  }
  const [lag = 0, ofLongAgo] = lags;
  t.true(lag >= 60_000 && lag <= 90_000 + 5_000, `${lag} ms`);
  t.is(ofLongAgo, undefined);
});

test.serial('a slot that an edited interval has put far ahead is skipped and says so', async (t) => {
  const bench = aBench();
  bench.startWorker({ takeStep: takeStepOf(object) });
  const slot = slotAt(rhythm, clock.now()) * 3;
  await bench.queue.addDue([{ name: 'step', canary: podinfo, slot, dueAt: clock.now(), position: 1 }]);
  const job = await bench.ended(stepJobId(podinfo, slot));
  t.like(job.returnvalue, { outcome: 'skipped', reason: 'slotRenumbered' });
});

test.serial('a job that comes before its slot is put back until the slot is due', async (t) => {
  const bench = aBench();
  bench.startWorker({ takeStep: takeStepOf(object) });
  const slot = slotAt(rhythm, clock.now()) + 1;
  await bench.queue.addDue([{ name: 'step', canary: podinfo, slot, dueAt: clock.now(), position: 1 }]);
  const id = stepJobId(podinfo, slot);
  const put = await waitFor({
    what: 'the job to be put back',
    seconds: 5,
    look: async () => {
      const job = await bench.jobs.getJob(id);
      return job !== undefined && job.attemptsStarted > 0 && (await job.getState()) === 'delayed' ? job : undefined;
    },
  });
  const [, score] = await bench.redis.zrange(`${bench.prefix}:steps:delayed`, '0', '0', 'WITHSCORES');
  t.is(Math.floor(Number(score) / 4096), dueAt(rhythm, slot));
  t.is(put.attemptsMade, 0);
});

test.serial('a job for an earlier canary of the same name is skipped', async (t) => {
  const bench = aBench();
  bench.startWorker({ takeStep: takeStepOf(object) });
  const earlier = { ...podinfo, uid: 'deleted0-uid' };
  const slot = slotAt(rhythm, clock.now());
  await bench.queue.addDue([{ name: 'step', canary: earlier, slot, dueAt: clock.now(), position: 1 }]);
  t.like((await bench.ended(stepJobId(earlier, slot))).returnvalue, { outcome: 'skipped', reason: 'gone' });
});

test.serial('a wake takes the slot that is current', async (t) => {
  const bench = aBench();
  bench.startWorker({ takeStep: takeStepOf(object) });
  await bench.queue.wake(podinfo, 'canary-2');
  const job = await bench.ended(wakeJobId(podinfo, 'canary-2'));
  t.is(job.returnvalue?.outcome, 'invalid');
  t.true(Math.abs((job.returnvalue?.slot ?? 0) - slotAt(rhythm, clock.now())) <= 1);
});
