/** The benchmark of runs in small: bursts, steps under way, a killed worker, releases; all in one world of short intervals. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { openBurster } from '../../bench/measure/burst.ts';
import { observeKill } from '../../bench/measure/observe-kill.ts';
import { observeWindow } from '../../bench/measure/observe-window.ts';
import { transitionsFrom } from '../../bench/measure/transitions.ts';
import { releaseSingly, releaseUntilSucceeded, wakesOf } from '../../bench/scenarios/releases.ts';
import { startAviary } from '../../bench/stage/aviary.ts';
import { startHooks } from '../../bench/stage/hooks.ts';
import { openStage } from '../../bench/stage/stage.ts';
import type { Stage } from '../../bench/stage/stage.ts';
import { populate } from '../../bench/world/population.ts';
import { smallSteps, startRuns, stillProgressing } from '../../bench/world/runs.ts';
import { canaryObjects } from '../../bench/world/world.ts';
import type { Inhabitant } from '../../bench/world/world.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { silent } from '../../sandbox/progress.ts';

const count = 6;
const interval = '2s';
const intervalMs = 2_000;

test('bursts are worked off, runs under way are counted, a killed worker is missed, releases succeed', async (t) => {
  const stage = await openStage(silent);
  t.teardown(() => stage.close());
  const hooks = await startHooks(500);
  t.teardown(() => hooks.close());
  const { webhooks, calls } = hooks;
  const aviary = await startAviary(stage, { workers: 2 });
  const inhabitants: Inhabitant[] = [];
  await populate(stage, inhabitants, { count, analysis: { ...smallSteps, interval, webhooks } });
  t.deepEqual(
    inhabitants.map(({ rhythm }) => rhythm.intervalMs),
    Array.from({ length: count }, () => intervalMs),
  );

  const burster = openBurster(stage.light.redisUrl);
  t.teardown(() => burster.close());
  const { addingMs, doneMs } = await burster.wakeAll(inhabitants, 'once', 30);
  t.true(addingMs >= 0 && doneMs > 0 && doneMs < 30_000, `${addingMs} ms, ${doneMs} ms`);

  await startRuns(stage, inhabitants);
  await clock.sleep(intervalMs);
  const { costs, punctuality } = await observeWindow(stage, aviary, { inhabitants, seconds: 4 });
  t.true((punctuality.outcomes['advanced'] ?? 0) >= count, JSON.stringify(punctuality));
  t.true(costs.requests > 1 && costs.requests <= 4, JSON.stringify(costs));
  await stillProgressing(stage, count);

  const killed = await observeKill(stage, aviary, { inhabitants, calls, beforeMs: 0, afterMs: 11_000 });
  const { resumption, distances, questions } = killed;
  t.true(resumption.held > 0, 'it was killed at work');
  t.is(resumption.neverAgain, 0, JSON.stringify(killed));
  t.true(distances.count > count && distances.tooShort === 0, JSON.stringify(killed));
  t.true(questions.asked > count && questions.underNewKey === 0, JSON.stringify(killed));
  t.deepEqual(
    aviary.workers.map(({ server }) => server.isRunning()),
    [false, true],
  );

  await releaseSome(t, stage, inhabitants);
  await aviary.stop();
});

/** Three canaries more, of one step each. */
async function releaseSome(t: ExecutionContext, stage: Stage, inhabitants: Inhabitant[]): Promise<void> {
  const before = inhabitants.length;
  await populate(stage, inhabitants, { count: before + 3, analysis: { stepWeight: 50, maxWeight: 50, interval } });
  const released = inhabitants.slice(before);
  const { begunAt, doneAt, changes } = await releaseUntilSucceeded(stage, released);
  const wakes = await wakesOf(stage, changes);
  t.is(wakes.unwoken, 0, JSON.stringify(wakes));
  t.true((wakes.spread?.max ?? Infinity) < doneAt - begunAt, JSON.stringify(wakes));
  const succeeded = (await canaryObjects(stage)).filter(({ metadata }) =>
    released.some(({ namespace, name }) => metadata.namespace === namespace && metadata.name === name),
  );
  const singly = await releaseSingly(stage, released);
  t.is(singly.unwoken, 0, JSON.stringify(singly));
  const ends = transitionsFrom(succeeded, begunAt);
  t.true((ends?.max ?? Infinity) <= doneAt - begunAt, JSON.stringify(ends));
}
