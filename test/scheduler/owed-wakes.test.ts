/** Wakes that are refused while others of their series are on their way. What a waker does with them: wake.test.ts. */
import test from 'ava';
import { createOwedWakes } from '../../scheduler/owed-wakes.ts';
import { createFakeClock } from '../support/fake-clock.ts';

/** A queue that answers when it is told to. */
function aQueue() {
  const clock = createFakeClock();
  const asked: { readonly wake: string; readonly take: () => void; readonly refuse: () => void }[] = [];
  const owed = createOwedWakes<string>({
    give: (wake) =>
      new Promise((resolve, reject) => {
        asked.push({ wake, take: resolve, refuse: () => reject(new Error('Redis is away')) });
      }),
    clock,
    onRefused: () => undefined,
  });
  /** To the round after the answers that were just given. */
  const nextRound = async (): Promise<void> => {
    await clock.advance(0);
    await clock.advance(1_000);
  };
  return { clock, owed, asked, nextRound, wakes: () => asked.map(({ wake }) => wake) };
}

test('a wake that is taken late does not pay for a newer one of its series that was refused', async (t) => {
  const { owed, asked, nextRound, wakes } = aQueue();
  owed.send('podinfo', 'first');
  owed.send('podinfo', 'second');
  asked[1]?.refuse();
  asked[0]?.take();
  await nextRound();
  t.deepEqual(wakes(), ['first', 'second', 'second']);
});

test('a wake that is refused once more does not take the place of a newer one', async (t) => {
  const { owed, asked, nextRound, wakes } = aQueue();
  owed.send('podinfo', 'first');
  asked[0]?.refuse();
  await nextRound();
  owed.send('podinfo', 'second');
  asked[2]?.refuse();
  asked[1]?.refuse();
  await nextRound();
  t.deepEqual(wakes(), ['first', 'first', 'second', 'second']);
});

test('the next round waits for the answers to this one', async (t) => {
  const { clock, owed, asked, nextRound, wakes } = aQueue();
  for (const name of ['a', 'b']) owed.send(name, name);
  for (const one of asked) one.refuse();
  await nextRound();
  asked[2]?.take();
  await clock.advance(60_000);
  t.deepEqual(wakes(), ['a', 'b', 'a', 'b']);
  asked[3]?.refuse();
  await nextRound();
  t.deepEqual(wakes(), ['a', 'b', 'a', 'b', 'b']);
});

test('after the end nothing is tried again: not what waited, not what is refused by then, nor what comes later', async (t) => {
  const { clock, owed, asked, nextRound, wakes } = aQueue();
  for (const name of ['a', 'b']) owed.send(name, name);
  for (const one of asked) one.refuse();
  await nextRound();
  owed.stop();
  asked[2]?.take();
  await clock.advance(0);
  t.deepEqual(wakes(), ['a', 'b', 'a'], 'the others of the round are not sent');
  owed.send('c', 'c');
  asked[3]?.refuse();
  await clock.advance(60_000);
  t.deepEqual(wakes(), ['a', 'b', 'a', 'c']);
});

test('nothing keeps the process from ending', async (t) => {
  const { clock, owed, asked } = aQueue();
  owed.send('a', 'a');
  asked[0]?.refuse();
  await clock.advance(0);
  t.deepEqual(clock.waiting(), [1_000]);
  owed.stop();
  t.deepEqual(clock.waiting(), []);
});
