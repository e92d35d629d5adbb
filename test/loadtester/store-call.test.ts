import test from 'ava';
import { createStoreCall, StoreUnavailableError } from '../../loadtester/store-call.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test('an answer is passed on, and no timer is left behind', async (t) => {
  const clock = createFakeClock();
  t.is(await createStoreCall(clock, 2_000)('read gate a.b', () => Promise.resolve(7)), 7);
  t.deepEqual(clock.waiting(), []);
});

test('a failure says what was tried and keeps its cause', async (t) => {
  const cause = new Error('connection refused');
  const failed = createStoreCall(createFakeClock(), 2_000)('read gate a.b', () => Promise.reject(cause));
  const error = await t.throwsAsync(failed, { instanceOf: StoreUnavailableError });
  t.is(error.message, 'read gate a.b: the store cannot be reached, try again');
  t.is(error.cause, cause);
});

test('a call that is never answered has failed when its time is up, and not before', async (t) => {
  const clock = createFakeClock();
  let ended = false;
  const call = createStoreCall(clock, 2_000)('read gate a.b', () => new Promise(() => undefined));
  const failed = t.throwsAsync(
    call.finally(() => (ended = true)),
    { instanceOf: StoreUnavailableError },
  );
  await clock.advance(1_999);
  t.false(ended);
  await clock.advance(1);
  await failed;
});
