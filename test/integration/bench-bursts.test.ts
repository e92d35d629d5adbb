/** The benchmark of bursts in small: all steps are slots of canaries at rest, and the same slots can be run again. */
import test from 'ava';
import { openStage } from '../../bench/stage/stage.ts';
import { measureBursts } from '../../bench/scenarios/bursts.ts';
import { silent } from '../../sandbox/progress.ts';

const size = 20;

test('bursts of canaries at rest are steps that ask the API server for nothing', async (t) => {
  const stage = await openStage(silent);
  t.teardown(() => stage.close());
  const { canaries, costs, bursts } = await measureBursts(stage, { size, workers: 1 });
  t.is(canaries, size);
  t.is(bursts.length, 5);
  t.true(costs.steps >= 0.98 * 5 * size && costs.steps <= 5 * size, JSON.stringify(costs));
  t.is(costs.requests, 0, JSON.stringify(costs));
  for (const { addingMs, doneMs } of bursts) t.true(addingMs >= 0 && doneMs > 0, `${addingMs} ms, ${doneMs} ms`);
});
