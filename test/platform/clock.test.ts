import test from 'ava';
import { formatInstant, parseInstant, systemClock } from '../../platform/clock.ts';
import { DeadlineError, withDeadline } from '../../platform/deadline.ts';
import { onAbort } from '../../platform/abort.ts';
import { createFakeClock } from '../support/fake-clock.ts';

test('the system clock sleeps at least as long as asked and calls again until cancelled', async (t) => {
  const begin = systemClock.now();
  await systemClock.sleep(5);
  t.true(systemClock.now() - begin >= 4);
  await new Promise<void>((resolve) => {
    let calls = 0;
    const cancel = systemClock.every(1, () => {
      calls += 1;
      if (calls < 3) return;
      cancel();
      resolve();
    });
    // `every` alone does not keep a process alive.
    systemClock.after(1000, () => resolve());
  });
  systemClock.after(0, () => t.fail('it was cancelled'))();
  await systemClock.sleep(5);
});

test('a sleep ends with the reason of its signal and leaves no timer behind', async (t) => {
  const clock = createFakeClock();
  const abort = new AbortController();
  const sleeping = t.throwsAsync(clock.sleep(1000, abort.signal), { message: 'enough' });
  abort.abort(new Error('enough'));
  await sleeping;
  t.deepEqual(clock.waiting(), []);
  await t.throwsAsync(clock.sleep(1000, abort.signal), { message: 'enough' });
});

test('instants are RFC 3339 in both directions', (t) => {
  t.is(formatInstant(Date.UTC(2026, 1, 3, 4, 5, 6, 7)), '2026-02-03T04:05:06.007Z');
  t.is(parseInstant('2026-02-03T05:05:06+01:00'), Date.UTC(2026, 1, 3, 4, 5, 6));
  t.is(parseInstant('soon'), undefined);
});

test('work within its deadline gives its result and leaves nothing behind', async (t) => {
  const clock = createFakeClock();
  t.is(await withDeadline({ clock, ms: 10 }, async () => 'done'), 'done');
  await t.throwsAsync(
    withDeadline({ clock, ms: 10 }, async () => {
      throw new Error('its own failure');
    }),
    { message: 'its own failure' },
  );
  t.deepEqual(clock.waiting(), []);
});

test('work that overruns is told and left, even when it does not listen', async (t) => {
  const clock = createFakeClock();
  let told: unknown;
  const work = withDeadline({ clock, ms: 10 }, async (signal) => {
    onAbort(signal, (reason) => (told = reason));
    await new Promise(() => undefined);
  });
  const failed = t.throwsAsync(work, { instanceOf: DeadlineError, message: 'not finished within 10 ms' });
  await clock.advance(10);
  t.is(await failed, told as DeadlineError);
});

test('a deadline passes on the abort of its parent, before and during the work', async (t) => {
  const clock = createFakeClock();
  const parent = new AbortController();
  const work = withDeadline({ clock, ms: 10, signal: parent.signal }, () => new Promise(() => undefined));
  const failed = t.throwsAsync(work, { message: 'no longer wanted' });
  parent.abort(new Error('no longer wanted'));
  await failed;
  t.deepEqual(clock.waiting(), []);
  let begun = false;
  const late = withDeadline({ clock, ms: 10, signal: parent.signal }, async () => (begun = true));
  await t.throwsAsync(late, { message: 'no longer wanted' });
  t.false(begun);
});

test('a listener that was taken back is not called, and one that comes late is called at once', (t) => {
  const abort = new AbortController();
  const calls: unknown[] = [];
  onAbort(abort.signal, () => calls.push('taken back'))();
  onAbort(abort.signal, (reason) => calls.push(reason));
  abort.abort('over');
  onAbort(abort.signal, (reason) => calls.push(`late: ${String(reason)}`));
  onAbort(undefined, () => calls.push('never'));
  t.deepEqual(calls, ['over', 'late: over']);
});

test('the fake clock fires timers in order, repeats, and refuses to go back', async (t) => {
  const clock = createFakeClock(0);
  const fired: string[] = [];
  clock.after(20, () => fired.push(`once@${clock.now()}`));
  const cancel = clock.every(10, () => fired.push(`every@${clock.now()}`));
  await clock.advance(25);
  cancel();
  await clock.advance(25);
  t.deepEqual(fired, ['every@10', 'once@20', 'every@20']);
  t.is(clock.now(), 50);
  await t.throwsAsync(clock.advance(-1), { instanceOf: RangeError });
  await t.throwsAsync(clock.advanceToNext(), { message: /got none waiting/ });
  clock.setWallClock(7);
  t.is(clock.now(), 7);
});
