/** Hooks that want more time than the step they belong to has left. */
import test from 'ava';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import { call, withReceiver } from './hook-call.ts';

const noTimeLeft = (timeout: string, retries: number): string =>
  `no time is left in the step for webhook 'acceptance-test' (timeout ${timeout}, retries ${retries}): shorten timeout ` +
  'and retries of the webhooks, or have the operator raise STEP_TIMEOUT';

test('a hook that may take longer than its step has not passed while the step can still say so', async (t) => {
  await withReceiver(
    () => 'silence',
    async ({ url }) => {
      const clock = createFakeClock();
      const begun = clock.now();
      const hook = { timeoutMs: 300_000, retries: 3 };
      const answer = call(url, { hook, clock, http: createLocalHttp(clock), stepMs: 60_000 });
      await clock.whenWaiting();
      await clock.advanceToNext();
      const { passed, detail } = await answer;
      t.false(passed);
      t.is(clock.now() - begun, 50_000);
      t.is(detail, `POST ${url} giving up after 1 attempt(s): ${noTimeLeft('5m0s', 3)}`);
    },
  );
});

test('no attempt is begun that the step would have to wait for beyond its time', async (t) => {
  await withReceiver(
    () => ({ status: 503, headers: { 'retry-after': '29' } }),
    async ({ url, received }) => {
      const { passed, detail } = await call(url, { hook: { retries: 3 }, stepMs: 20_000 });
      t.deepEqual(
        { passed, detail },
        { passed: false, detail: `POST ${url} giving up after 1 attempt(s): 503; ${noTimeLeft('10s', 3)}` },
      );
      t.is(received.length, 1);
    },
  );
});

test('a hook whose turn comes when the time is up is not asked', async (t) => {
  await withReceiver(
    () => ({}),
    async ({ url, received }) => {
      const { passed, detail } = await call(url, { stepMs: 0 });
      t.deepEqual(
        { passed, detail },
        { passed: false, detail: `POST ${url} giving up after 0 attempt(s): ${noTimeLeft('10s', 0)}` },
      );
      t.deepEqual(received, []);
    },
  );
});

test('a time-out of its own is told as such', async (t) => {
  await withReceiver(
    () => 'silence',
    async ({ url }) => {
      const clock = createFakeClock();
      const answer = call(url, { hook: { timeoutMs: 3_000 }, clock, http: createLocalHttp(clock), stepMs: 60_000 });
      await clock.whenWaiting();
      await clock.advanceToNext();
      const { detail } = await answer;
      t.false(detail.includes('STEP_TIMEOUT'), detail);
    },
  );
});
