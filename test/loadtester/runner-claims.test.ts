/** What is answered while it is not known yet whether a task gets its claim. */
import test from 'ava';
import { type Claims, createMemoryClaims } from '../../loadtester/claims.ts';
import { StoreUnavailableError } from '../../loadtester/store-call.ts';
import { aRunner, aTask } from './runner-rig.ts';

/** Claims that come when the test says so, or do not. */
function slowClaims(): { claims: Claims; come: () => void; fail: () => void } {
  const held = createMemoryClaims();
  let come = (): void => undefined;
  let fail = (): void => undefined;
  const known = new Promise<void>((resolve, reject) => {
    come = resolve;
    fail = () => reject(new StoreUnavailableError('away'));
  });
  return { claims: { acquire: (id: string) => known.then(() => held.acquire(id)) }, come, fail };
}

test('a task is not said to be on its way while it is unknown whether the one before it gets its claim', async (t) => {
  const { claims, fail } = slowClaims();
  const { runner, started } = aRunner(5, { claims });
  const asked = [runner.enqueue(aTask('load', 'cmd')), runner.enqueue(aTask('load', 'cmd'))];
  fail();
  for (const outcome of asked) await t.throwsAsync(outcome, { instanceOf: StoreUnavailableError });
  t.deepEqual(started, []);
});

test('a task whose claim comes when the load tester is stopping is not accepted, for it is not run', async (t) => {
  const { claims, come } = slowClaims();
  const { runner, started } = aRunner(5, { claims });
  const asked = [runner.enqueue(aTask('load', 'cmd')), runner.enqueue(aTask('load', 'cmd'))];
  const stopping = runner.stop(new AbortController().signal);
  come();
  t.deepEqual(await Promise.all(asked), ['stopping', 'stopping']);
  await stopping;
  t.deepEqual(started, []);
});
