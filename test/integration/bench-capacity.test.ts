/** The simulation in small: a real Redis, the whole scheduler on a generated source, real workers without a cluster. */
import test from 'ava';
import { measureCapacity } from '../../bench/scenarios/capacity.ts';
import { silent } from '../../sandbox/progress.ts';

const size = 2_000;

test('two thousand canaries lose no slot and take none twice, and their jobs have the size that operators are told', async (t) => {
  t.timeout(240_000);
  const timing = { tickMs: 2_000, horizonMs: 5_000 };
  const { result } = await measureCapacity(silent, { size, workers: 2, window: 8, timing, ticksAlone: 1 });
  const { first, later, depth, questions, full, tenth } = result;
  t.is(first.tick.canaries, size);
  const { waiting, delayed, active } = first.jobs;
  t.true(waiting + delayed + active >= 0.95 * first.tick.steps, 'what is in the window lies in Redis');
  t.is(later.ticks.length, 1);
  t.true(depth.bytesWaiting > 500 && depth.bytesWaiting < 1_600, `${depth.bytesWaiting} bytes for a job that waits`);
  t.true(depth.bytesFinished > 500 && depth.bytesFinished < 2_400, `${depth.bytesFinished} bytes for one that ended`);
  t.is(depth.added.span.scripts, size, 'adding a job is one script');
  t.deepEqual(
    depth.drains.map(({ kind, processes }) => `${processes} ${kind}`),
    ['1 rest', '2 rest', '4 rest', '2 step'],
  );
  for (const { kind, processes, jobs, span } of depth.drains) {
    const most = kind === 'rest' ? 1.5 : 3.5;
    t.true(
      span.scripts <= most * jobs + 500,
      `${span.scripts} scripts for ${jobs} jobs, ${processes} workers, ${kind}`,
    );
  }
  t.is(questions.length, 6);
  for (const { canaries, judgement, stretch } of [full, tenth]) {
    t.is(stretch, 1, 'so few steps are no load');
    t.true(judgement.due >= canaries / 5, `${judgement.due} slots due of ${canaries} canaries`);
    t.deepEqual({ taken: judgement.taken, doubles: judgement.doubles }, { taken: judgement.due, doubles: 0 });
  }
});
