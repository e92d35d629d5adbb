import test from 'ava';
import type { DueStep } from '../../queue/step-queue.ts';
import { createAddedSlots } from '../../scheduler/added-slots.ts';

const aStep = (slot: number, over: Partial<DueStep> = {}): DueStep => ({
  name: 'step',
  canary: { namespace: 'shop', name: 'podinfo', uid: '1a2b3c4d-uid' },
  slot,
  dueAt: slot * 10_000,
  position: 1,
  ...over,
});

function aQueue(over: { fullEvery?: number } = {}) {
  const calls: number[][] = [];
  const redis = { life: 'first', fails: false };
  const added = createAddedSlots({
    queue: {
      addDue: async (steps) => {
        calls.push(steps.map(({ slot }) => slot));
        if (redis.fails) throw new Error('Redis is away');
      },
    },
    life: async () => redis.life,
    fullEvery: 100,
    ...over,
  });
  return { calls, redis, added };
}

test('a tick adds only the slots that have come into its window', async (t) => {
  const { calls, added } = aQueue();
  await added.addDue([aStep(1), aStep(2)]);
  await added.addDue([aStep(2), aStep(3)]);
  await added.addDue([aStep(2), aStep(3)]);
  t.deepEqual(calls, [[1, 2], [3], []]);
});

test('a canary that is being deleted by now has other jobs', async (t) => {
  const { calls, added } = aQueue();
  await added.addDue([aStep(1)]);
  await added.addDue([aStep(1, { name: 'finalize' })]);
  t.deepEqual(calls, [[1], [1]]);
});

test('everything is added again when Redis was emptied', async (t) => {
  const { calls, redis, added } = aQueue();
  await added.addDue([aStep(1), aStep(2)]);
  redis.life = 'second';
  await added.addDue([aStep(1), aStep(2)]);
  t.deepEqual(calls[1], [1, 2]);
});

test('everything is added again after a call that failed', async (t) => {
  const { calls, redis, added } = aQueue();
  await added.addDue([aStep(1)]);
  redis.fails = true;
  await t.throwsAsync(added.addDue([aStep(1), aStep(2)]));
  redis.fails = false;
  await added.addDue([aStep(1), aStep(2)]);
  t.deepEqual(calls, [[1], [2], [1, 2]]);
});

test('everything is added again after a lost connection, also one that was lost in the middle of a call', async (t) => {
  const { calls, added } = aQueue();
  await added.addDue([aStep(1)]);
  added.forget();
  const running = added.addDue([aStep(1)]);
  added.forget();
  await running;
  await added.addDue([aStep(1)]);
  t.deepEqual(calls, [[1], [1], [1]]);
});

test('everything is added again once in a while', async (t) => {
  const { calls, added } = aQueue({ fullEvery: 3 });
  for (let tick = 0; tick < 7; tick += 1) await added.addDue([aStep(1)]);
  t.deepEqual(calls, [[1], [], [], [1], [], [], [1]]);
});
