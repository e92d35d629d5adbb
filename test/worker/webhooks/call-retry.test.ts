import test from 'ava';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { deadAddress } from '../../support/receiver.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { call, waitsOf, withReceiver } from './hook-call.ts';

test('a failing receiver is asked again after 1, 2, 4, … 30 seconds', async (t) => {
  await withReceiver(
    () => ({ status: 500 }),
    async ({ url, received }) => {
      const clock = createFakeClock();
      const answer = call(url, { hook: { retries: 7 }, clock });
      const waits = await waitsOf(clock, 7);
      const detail = `POST ${url} giving up after 8 attempt(s): 500`;
      t.deepEqual(await answer, { passed: false, detail, unanswered: true });
      t.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
      t.is(received.length, 8);
      t.is(new Set(received.map(({ headers }) => headers['idempotency-key'])).size, 1);
    },
  );
});

test('a receiver that recovers is believed', async (t) => {
  await withReceiver(
    (_request, number) => ({ status: number === 0 ? 502 : 200 }),
    async ({ url, received }) => {
      const clock = createFakeClock();
      const answer = call(url, { hook: { retries: 1 }, clock });
      await clock.whenWaiting();
      await clock.advance(1000);
      t.deepEqual(await answer, { passed: true, detail: '' });
      t.is(received.length, 2);
    },
  );
});

test('a receiver that is asked too often says when to come back, and is obeyed up to 30 seconds', async (t) => {
  const waits = ['7', '3600', 'soon'];
  await withReceiver(
    (_request, number) => ({ status: number % 2 === 0 ? 429 : 503, headers: { 'retry-after': waits[number] ?? '' } }),
    async ({ url }) => {
      const clock = createFakeClock();
      const answer = call(url, { hook: { retries: 3 }, clock });
      const waited = await waitsOf(clock, 3);
      t.false((await answer).passed);
      t.deepEqual(waited, [7500, 30_000, 4000]);
    },
  );
});

test('only a receiver that is asked too often or away says when to come back', async (t) => {
  await withReceiver(
    () => ({ status: 500, headers: { 'retry-after': '7' } }),
    async ({ url }) => {
      const clock = createFakeClock();
      const answer = call(url, { hook: { retries: 1 }, clock });
      const waited = await waitsOf(clock, 1);
      t.false((await answer).passed);
      t.deepEqual(waited, [1000]);
    },
  );
});

test('a redirect out of HTTP is not asked again', async (t) => {
  await withReceiver(
    () => ({ status: 307, headers: { location: 'ftp://files.test/' } }),
    async ({ url, received }) => {
      const { detail } = await call(url, { hook: { retries: 5 } });
      t.regex(detail, /giving up after 1 attempt\(s\): .*expected a URL that begins with http:\/\/ or https:\/\//);
      t.is(received.length, 1);
    },
  );
});

test('a receiver that is down is asked again', async (t) => {
  const url = deadAddress;
  const clock = createFakeClock();
  const answer = call(url, { hook: { retries: 1 }, clock });
  await clock.whenWaiting();
  await clock.advance(1000);
  const { passed, detail } = await answer;
  t.false(passed);
  t.regex(detail, /^POST http:\/\/127\.0\.0\.1:\d+ giving up after 2 attempt\(s\): .*ECONNREFUSED/);
});

test('the time limit of a hook holds for each attempt', async (t) => {
  await withReceiver(
    () => 'silence',
    async ({ url, received }) => {
      const clock = createFakeClock();
      const answer = call(url, { hook: { timeoutMs: 3000, retries: 1 }, clock, http: createLocalHttp(clock) });
      await waitUntil('the first attempt arrives', () => received.length === 1);
      await clock.advance(3000);
      await clock.whenWaiting();
      await clock.advance(1000);
      await waitUntil('the second attempt arrives', () => received.length === 2);
      await clock.advance(3000);
      const { passed, detail } = await answer;
      t.false(passed);
      t.regex(detail, /giving up after 2 attempt\(s\): .* no complete answer within 3000 ms$/);
    },
  );
});

test('a call ends with its step, while it waits for the answer and while it waits to ask again', async (t) => {
  for (const answer of ['silence', { status: 500 }] as const) {
    await withReceiver(
      () => answer,
      async ({ url, received }) => {
        const step = new AbortController();
        const clock = createFakeClock();
        const asked = call(url, { hook: { retries: 3 }, clock, signal: step.signal });
        const ended = t.throwsAsync(() => asked, { message: 'the lease is gone' });
        await waitUntil('the call arrives', () => received.length === 1);
        if (answer !== 'silence') await clock.whenWaiting();
        step.abort(new Error('the lease is gone'));
        await ended;
        t.is(received.length, 1);
        t.deepEqual(clock.waiting(), []);
      },
    );
  }
});
