import test from 'ava';
import fc from 'fast-check';
import { createRequestRate } from '../../../platform/kubernetes/request-rate.ts';
import type { RateOptions } from '../../../platform/kubernetes/request-rate.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

function aRate(options: Partial<RateOptions> = {}) {
  const clock = createFakeClock();
  const rate = createRequestRate({ clock, qps: 10, burst: 10, ...options });
  const begunAt = clock.now();
  const sent: { readonly urgent: boolean; readonly at: number }[] = [];
  /** Asks for turns at once; each that is granted is noted with its time. */
  const askOne = async (urgent: boolean, signal?: AbortSignal): Promise<void> => {
    await rate.take({ urgent, signal });
    sent.push({ urgent, at: clock.now() - begunAt });
  };
  const ask = (count: number, urgent = false): void => {
    for (let asked = 0; asked < count; asked += 1) void askOne(urgent);
  };
  return {
    clock,
    rate,
    ask,
    askOne,
    sent,
    count: (urgent: boolean) => sent.filter((one) => one.urgent === urgent).length,
  };
}

test('a burst goes out at once, the rest at the rate', async (t) => {
  const { clock, ask, sent } = aRate({ urgentShare: 0 });
  ask(30);
  await clock.advance(0);
  t.is(sent.length, 10);
  await clock.advance(1_000);
  t.is(sent.length, 20);
  await clock.advance(1_000);
  t.is(sent.length, 30);
});

test('ordinary requests leave the share of the urgent ones alone', async (t) => {
  const { clock, ask, count } = aRate();
  ask(100);
  await clock.advance(0);
  t.is(count(false), 8);
  ask(2, true);
  await clock.advance(0);
  t.is(count(true), 2);
});

test('urgent requests overtake those that wait, and use the whole rate when there are many', async (t) => {
  const { clock, ask, count } = aRate();
  ask(100);
  await clock.advance(0);
  const before = count(false);
  ask(20, true);
  await clock.advance(2_000);
  t.is(count(true), 20);
  t.true(count(false) - before <= 3, `${count(false) - before} ordinary ones went meanwhile`);
});

test('after a refusal nothing ordinary goes out until Retry-After is over, then half as much, and in half a minute all again', async (t) => {
  const { clock, rate, ask, sent } = aRate({ urgentShare: 0 });
  rate.refused({ urgent: false, retryAfterMs: 2_000 });
  ask(400);
  await clock.advance(1_999);
  t.is(sent.length, 0);
  await clock.advance(1);
  t.true(sent.length <= 2);
  t.is(Math.round(rate.allowed()), 5);
  await clock.advance(15_000);
  t.is(Math.round(rate.allowed()), 10);
});

test('refusals of requests that were under way together count once', async (t) => {
  const { clock, rate } = aRate({ urgentShare: 0 });
  for (let answer = 0; answer < 20; answer += 1) rate.refused({ urgent: false, retryAfterMs: 1_000 });
  t.is(rate.allowed(), 5);
  await clock.advance(1_000);
  rate.refused({ urgent: false, retryAfterMs: undefined });
  t.is(rate.allowed(), 2.5);
});

test('a refusal of an ordinary request holds up no urgent one; one of an urgent request halves their share at most twice', async (t) => {
  const { clock, rate, ask, count } = aRate({ qps: 100, burst: 100 });
  rate.refused({ urgent: false, retryAfterMs: 5_000 });
  ask(20, true);
  await clock.advance(0);
  t.is(count(true), 20);
  t.is(rate.allowed(), 20 + 40);
  for (let second = 0; second < 10; second += 1) {
    rate.refused({ urgent: true, retryAfterMs: undefined });
    await clock.advance(1_000);
  }
  t.true(rate.allowed() >= 20 / 4);
});

test('a request that is given up leaves the queue and rejects with the reason', async (t) => {
  const { clock, askOne, sent } = aRate({ urgentShare: 0, burst: 1 });
  const controller = new AbortController();
  await askOne(false);
  const given = askOne(false, controller.signal);
  const last = askOne(false);
  controller.abort(new Error('the step was aborted'));
  await t.throwsAsync(given, { message: 'the step was aborted' });
  await clock.advance(100);
  await last;
  t.is(sent.length, 2);
  await t.throwsAsync(askOne(false, controller.signal), { message: 'the step was aborted' });
  t.deepEqual(clock.waiting(), []);
});

test('a clock that is set back neither fills the bucket nor stops it', async (t) => {
  const { clock, ask, sent } = aRate({ urgentShare: 0 });
  ask(11);
  await clock.advance(0);
  clock.setWallClock(clock.now() - 3_600_000);
  await clock.advance(1_000);
  t.is(sent.length, 11);
});

const anAsk = fc.record({
  afterMs: fc.integer({ min: 0, max: 400 }),
  count: fc.integer({ min: 1, max: 12 }),
  urgent: fc.boolean(),
  refused: fc.option(fc.integer({ min: 0, max: 1_500 }), { nil: undefined, freq: 6 }),
});

test('whatever is asked for: never more than burst and rate allow in any span, in order, and everything in the end', async (t) => {
  await t.notThrowsAsync(() =>
    fc.assert(
      fc.asyncProperty(fc.array(anAsk, { maxLength: 25 }), async (asks) => {
        const { clock, rate, ask, sent } = aRate({ qps: 20, burst: 10 });
        let total = 0;
        for (const { afterMs, count, urgent, refused } of asks) {
          await clock.advance(afterMs);
          if (refused !== undefined) rate.refused({ urgent, retryAfterMs: refused });
          ask(count, urgent);
          // Those that may go note their time now, not that of the next ask.
          await clock.advance(0);
          total += count;
        }
        await clock.advance(600_000);
        if (sent.length !== total) return false;
        // A bucket that holds less than one token holds one: two lanes, one more each at the most.
        return sent.every((first, index) =>
          sent.slice(index).every((last, more) => more + 1 <= 10 + 2 + ((last.at - first.at) / 1_000) * 20),
        );
      }),
      { numRuns: 60 },
    ),
  );
});
