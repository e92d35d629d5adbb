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

function aQueue(over: { againWithin?: number } = {}) {
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
    againWithin: 1_000_003,
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

const manySteps = (count: number): readonly DueStep[] =>
  Array.from({ length: count }, (_, index) => {
    const uid = `${index.toString(16).padStart(8, '0')}-uid`;
    return aStep(index, { canary: { namespace: 'shop', name: `app-${index}`, uid } });
  });

test('within so many ticks everything is added again, a part of the canaries in each', async (t) => {
  const { calls, added } = aQueue({ againWithin: 6 });
  const steps = manySteps(600);
  for (let tick = 0; tick < 13; tick += 1) await added.addDue(steps);
  const [first = [], ...later] = calls;
  t.is(first.length, 600);
  const all = steps.map(({ slot }) => slot);
  for (const round of [later.slice(0, 6), later.slice(6)]) {
    t.deepEqual(
      round.flat().toSorted((a, b) => a - b),
      all,
      'each once in a round',
    );
    for (const { length } of round) t.true(length > 60 && length < 140, `${length} of 600 in one tick`);
  }
});

test('all slots of a canary are added again in the same tick', async (t) => {
  const { calls, added } = aQueue({ againWithin: 3 });
  for (let tick = 0; tick < 7; tick += 1) await added.addDue([aStep(1), aStep(2)]);
  t.deepEqual(calls.filter(({ length }) => length > 0).length, 3);
  t.true(calls.every(({ length }) => length === 0 || length === 2));
});
