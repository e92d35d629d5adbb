import test from 'ava';
import { createMetrics } from '../../platform/observability/metrics.ts';
import type { Relief } from '../../queue/relief.ts';
import { createRelievedTick } from '../../scheduler/relief.ts';
import { createTickMetrics } from '../../scheduler/tick-metrics.ts';
import type { Tick } from '../../scheduler/tick.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';
import { seriesOf } from '../support/series-of.ts';

const { signal } = new AbortController();
const full = new Error("OOM command not allowed when used memory > 'maxmemory'.");
const done = { canaries: 1, steps: 4, durationMs: 3 };

/** A tick that ends so each time it is made: with an error, or done. */
function ticksThat(ends: readonly (Error | undefined)[]): { readonly tick: Tick; readonly made: () => number } {
  let made = 0;
  const tick: Tick = async () => {
    const error = ends[made];
    made += 1;
    if (error !== undefined) throw error;
    return done;
  };
  return { tick, made: () => made };
}

const reliefOf = (completed: number, failed: number): Relief => ({
  removed: { completed, failed },
  before: { used: 1_001, limit: 1_000 },
  after: { used: 740, limit: 1_000 },
});

function relieved(ends: readonly (Error | undefined)[], relief: Relief) {
  const log = createRecordingLogger();
  let asked = 0;
  const { tick, made } = ticksThat(ends);
  const metrics = createMetrics();
  const again = createRelievedTick({
    tick,
    queue: {
      relieve: async () => {
        asked += 1;
        return relief;
      },
    },
    log,
    onRelief: createTickMetrics(metrics).onRelief,
  });
  return {
    tick: again,
    made,
    asked: () => asked,
    log,
    shown: () => seriesOf(metrics, 'aviary_scheduler_relief_jobs_total'),
  };
}

test('a tick that a full Redis refuses makes room, says so and is made again', async (t) => {
  const { tick, made, asked, log, shown } = relieved([full], reliefOf(120, 3));
  t.deepEqual(await tick(signal), done);
  t.is(made(), 2);
  t.is(asked(), 1);
  t.is(log.lines.length, 1);
  t.like(log.lines[0], {
    level: 'error',
    message: 'redis is full; jobs that had ended were removed',
    fields: { maxmemory: 1_000, usedBefore: 1_001, usedAfter: 740, removedCompleted: 120, removedFailed: 3 },
  });
  t.regex(String(log.lines[0]?.fields['cure']), /raise maxmemory.*shorten HORIZON/);
  t.deepEqual(await shown(), [
    'aviary_scheduler_relief_jobs_total{state="completed"} 120',
    'aviary_scheduler_relief_jobs_total{state="failed"} 3',
  ]);
});

test('a full Redis in which nothing has ended fails the tick, and is not asked again before the next one', async (t) => {
  const { tick, made, log } = relieved([full], reliefOf(0, 0));
  await t.throwsAsync(tick(signal), { is: full });
  t.is(made(), 1);
  t.is(log.lines[0]?.message, 'redis is full, and no job that has ended is left to remove');
});

test('a tick that is refused again after the relief fails', async (t) => {
  const { tick, made } = relieved([full, full], reliefOf(1, 0));
  await t.throwsAsync(tick(signal), { is: full });
  t.is(made(), 2);
});

test('a tick that fails for another reason removes nothing', async (t) => {
  const away = new Error('Connection is closed.');
  const { tick, asked, shown } = relieved([away], reliefOf(1, 0));
  await t.throwsAsync(tick(signal), { is: away });
  t.is(asked(), 0);
  t.deepEqual(
    (await shown()).map((line) => line.split(' ').at(-1)),
    ['0', '0'],
  );
});
