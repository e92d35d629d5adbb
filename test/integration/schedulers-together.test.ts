/** Any number of schedulers at once do what one does: real processes on a real API server and Redis. */
import test from 'ava';
import { stepJobId } from '../../queue/step-job.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';
import { createBench, takesAtOnce } from '../support/step-workers.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

test.serial('two that stay and the ticks of a CronJob run no slot twice and leave none out', async (t) => {
  const namespace = await cluster.namespace('together');
  const names = Array.from({ length: 12 }, (_, index) => `app-${index}`);
  const made = await Promise.all(
    names.map((name) => cluster.canary({ namespace, name, analysis: { interval: '1s' } })),
  );
  const bench = createBench(cluster.light.redisUrl);
  t.teardown(() => bench.close());
  const runs: string[] = [];
  const takeStep: TakeStep = async (turn) => {
    runs.push(turn.job.slot === undefined ? 'wake' : stepJobId(turn.job.canary, turn.job.slot));
    return takesAtOnce(turn);
  };
  for (let worker = 0; worker < 2; worker += 1) bench.startWorker({ takeStep });
  const env = {
    ...settingsOn(cluster, 'unused'),
    REDIS_PREFIX: bench.prefix,
    NAMESPACE: namespace,
    TICK_INTERVAL: '2s',
  };
  const start = (...args: string[]) => startProcessFor(t, { program: 'scheduler', args, env });
  const [first, second] = [start(), start()];
  for (let tick = 0; tick < 3; tick += 1) t.is(await start('--once').ended(), 0);
  const ticksOf = (process: typeof first): number => process.lines().filter(({ msg }) => msg === 'tick done').length;
  await waitFor({
    what: 'four ticks of each',
    seconds: 30,
    look: () => (Math.min(ticksOf(first), ticksOf(second)) >= 4 ? true : undefined),
  });
  t.is(new Set(runs).size, runs.length, 'no slot ran twice');
  const short = made.map(({ metadata }) => (metadata.uid ?? '').slice(0, 8));
  for (const [index, name] of names.entries()) {
    const start_ = `s.${namespace}.${name}.${short[index]}.`;
    const slots = runs.filter((id) => id.startsWith(start_)).map((id) => Number(id.slice(start_.length)));
    const ordered = slots.toSorted((a, b) => a - b);
    t.true(ordered.length >= 6, `${name}: ${ordered.length} slots`);
    t.is(ordered.length, (ordered.at(-1) ?? 0) - (ordered[0] ?? 0) + 1, `${name}: no slot in between was left out`);
  }
});

test.serial('a tick of a CronJob adds the current slot of every Canary, and those of its horizon', async (t) => {
  const namespace = await cluster.namespace('pages');
  await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      cluster.canary({ namespace, name: `app-${index}`, analysis: { interval: '10s' } }),
    ),
  );
  const bench = createBench(cluster.light.redisUrl);
  t.teardown(() => bench.close());
  const env = { ...settingsOn(cluster, 'unused'), REDIS_PREFIX: bench.prefix, NAMESPACE: namespace };
  const tick = startProcessFor(t, { program: 'scheduler', args: ['--once'], env });
  t.is(await tick.ended(), 0);
  const counts = await bench.jobs.getJobCounts('delayed', 'prioritized', 'wait');
  const jobs = Object.values(counts).reduce((sum, count) => sum + count, 0);
  // The current slot and the nine of the next minute and a half, of each.
  t.true(jobs >= 40 * 9 && jobs <= 40 * 10, `${jobs} jobs`);
});
