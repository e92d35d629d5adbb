/** The benchmark in small: it measures what it says, and it does not measure what is not there. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { observeWindow } from '../../bench/measure/observe-window.ts';
import { roles } from '../../bench/measure/window.ts';
import { countServices, initializeAll } from '../../bench/scenarios/bootstrap.ts';
import { startAviary } from '../../bench/stage/aviary.ts';
import { describeStage, openStage } from '../../bench/stage/stage.ts';
import { createServicesAlone } from '../../bench/world/services.ts';
import { createTargets } from '../../bench/world/world.ts';
import { silent } from '../../sandbox/progress.ts';

const count = 20;
const seconds = 10;

type Bootstrap = Omit<Awaited<ReturnType<typeof initializeAll>>, 'inhabitants'>;

function expectBootstrap(t: ExecutionContext, bootstrap: Bootstrap): void {
  t.true(bootstrap.creatingMs <= bootstrap.allMs, JSON.stringify(bootstrap));
  t.true((bootstrap.ends?.max ?? Infinity) <= bootstrap.allMs, JSON.stringify(bootstrap));
  t.true((bootstrap.totals.requests['apply services'] ?? 0) >= 3 * count, JSON.stringify(bootstrap));
  t.true(bootstrap.totals.cpu.workers > 0 && bootstrap.benchCpu > 0, JSON.stringify(bootstrap));
}

test('twenty settled canaries miss no slot and every figure is there; without workers it fails', async (t) => {
  const stage = await openStage(silent);
  t.teardown(() => stage.close());
  const aviary = await startAviary(stage, { workers: 2 });
  const range = { from: 0, to: count };
  await createTargets(stage, range);
  const { inhabitants, ...bootstrap } = await initializeAll(stage, aviary, range);
  t.is(inhabitants.length, count);
  expectBootstrap(t, bootstrap);
  const made = await countServices(stage, inhabitants);
  t.is(made, 3 * count);
  const alone = await createServicesAlone(stage, made);
  t.true(alone.count === made && alone.ms > 0);
  const { costs, punctuality, memory, redisMiB } = await observeWindow(stage, aviary, { inhabitants, seconds });
  t.is(punctuality.due, count, 'each once in an interval');
  t.is(punctuality.missed, 0, JSON.stringify(punctuality));
  t.true((punctuality.lateness?.max ?? Infinity) < 10_000);
  t.true(costs.steps > 0 && costs.requests > 0 && costs.answered > 0, JSON.stringify(costs));
  for (const role of roles) {
    t.true(costs.cpuMs[role] >= 0, `${role}: CPU`);
    t.true(memory[role].now > 1 && memory[role].peak >= memory[role].now, `${role}: memory`);
  }
  t.true(redisMiB > 0.5);
  const { kubernetes, redis } = await describeStage(stage);
  t.regex(kubernetes, /^v1\./);
  t.regex(redis, /^\d+\./);
  for (const { server } of aviary.workers) await server.stop();
  await t.throwsAsync(observeWindow(stage, aviary, { inhabitants, seconds: 5 }), {
    message: /got none; do the workers run/,
  });
  await aviary.stop();
});
