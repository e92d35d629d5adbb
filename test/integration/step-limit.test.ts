/** How many steps a real BullMQ worker runs at a time, by how long they take. */
import test from 'ava';
import { waitFor } from '../../sandbox/wait.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';

const { aBench } = redisBenches();

const concurrency = 40;
const hanging = 30;

test.serial('a worker runs ten steps at a time, and more when those only wait for others', async (t) => {
  const bench = aBench();
  const add = (kind: string, count: number) =>
    bench.queue.addDue(
      Array.from({ length: count }, (_, index) =>
        aDueStep(`${String(index).padStart(5, '0')}${kind}`, { position: index + 1 }),
      ),
    );
  let isReleased = false;
  const begun: { readonly name: string; readonly atOnce: number }[] = [];
  const takeStep: TakeStep = async (turn) => {
    const { name } = turn.job.canary;
    begun.push({ name, atOnce: worker.running() });
    if (name.endsWith('hangs'))
      await waitFor({ what: 'the end', seconds: 30, every: 20, look: () => (isReleased ? true : undefined) });
    return takesAtOnce(turn);
  };
  await add('before', 300);
  const worker = bench.startWorker({ takeStep, concurrency });
  const untilBegun = (kind: string, count: number) =>
    waitFor({
      what: `${count} steps to begin`,
      seconds: 20,
      look: () => (begun.filter(({ name }) => name.endsWith(kind)).length === count ? true : undefined),
      explain: () => `${begun.length} have begun`,
    });
  const most = (kind: string) =>
    Math.max(...begun.filter(({ name }) => name.endsWith(kind)).map(({ atOnce }) => atOnce));

  await untilBegun('before', 300);
  t.true(most('before') <= 10, `${most('before')} at a time`);

  await add('hangs', hanging);
  await untilBegun('hangs', hanging);
  t.is(worker.running(), hanging, 'all of them at once');

  isReleased = true;
  await waitFor({ what: 'their end', seconds: 10, look: () => (worker.running() === 0 ? true : undefined) });
  await add('after', 300);
  await untilBegun('after', 300);
  t.true(most('after') <= 10, `${most('after')} at a time`);
});
