/** One canary whose steps always hang or crash, among others on the same worker: a real queue, real time limits. */
import test from 'ava';
import { systemClock as clock } from '../../platform/clock.ts';
import { stepJobId } from '../../queue/step-job.ts';
import type { TakeStep } from '../../worker/step/take-step.ts';
import type { Turn } from '../../worker/step/turn.ts';
import { redisBenches } from '../support/redis-benches.ts';
import { aDueStep, takesAtOnce } from '../support/step-workers.ts';

const { aBench } = redisBenches();

const stepTimeoutMs = 1_000;
/** Of every slot here. */
const slotMs = 8_000;

/** Does nothing until the time limit of the step ends it. */
const hang = ({ signal }: Turn): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

function aWorld() {
  const starts: { readonly name: string; readonly at: number }[] = [];
  const begunAt = clock.now();
  const takeStep: TakeStep = async (turn) => {
    const { name } = turn.job.canary;
    starts.push({ name, at: clock.now() });
    turn.onSlot({ dueAt: begunAt, endsAt: begunAt + slotMs });
    if (name.startsWith('hangs')) return hang(turn);
    if (name.startsWith('crashes')) throw new TypeError('cannot read properties of undefined');
    return takesAtOnce(turn);
  };
  const startsOf = (name: string): readonly number[] => starts.filter((one) => one.name === name).map(({ at }) => at);
  return { takeStep, startsOf, begunAt };
}

/** Twenty canaries, one due every tenth of a second. */
const others = (from: number) =>
  Array.from({ length: 20 }, (_, index) => aDueStep(`good-${index}`, { dueAt: from + index * 100 }));

test.serial(
  'a canary that hangs until its time limit holds up one place of the worker, and nobody in the others',
  async (t) => {
    const bench = aBench();
    const { takeStep, startsOf, begunAt } = aWorld();
    bench.startWorker({ takeStep, concurrency: 2, stepTimeoutMs });
    const good = others(begunAt + 300);
    await bench.queue.addDue([aDueStep('hangs', { dueAt: begunAt }), ...good]);
    for (const { canary, slot } of good) await bench.ended(stepJobId(canary, slot));
    const lags = good.map(({ canary, dueAt }) => (startsOf(canary.name)[0] ?? Infinity) - dueAt);
    t.log(`the others began up to ${Math.max(...lags)} ms after they were due`);
    t.true(Math.max(...lags) < stepTimeoutMs, `${Math.max(...lags)} ms`);
  },
);

test.serial(
  'with one place only the others wait for the time limit once, because the canary that hangs backs off',
  async (t) => {
    const bench = aBench();
    const { takeStep, startsOf, begunAt } = aWorld();
    bench.startWorker({ takeStep, concurrency: 1, stepTimeoutMs });
    const poison = aDueStep('hangs', { dueAt: begunAt });
    const good = others(begunAt);
    await bench.queue.addDue([poison, ...good]);
    const job = await bench.ended(stepJobId(poison.canary, poison.slot), 30);
    t.regex(job.failedReason ?? '', /1000 ms/);
    const attempts = startsOf('hangs');
    const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0) - stepTimeoutMs);
    t.log(`${attempts.length} attempts with pauses of ${pauses.join(', ')} ms`);
    t.true(attempts.length >= 2 && attempts.length <= 5, `${attempts.length} attempts in a slot of ${slotMs} ms`);
    t.true((attempts.at(-1) ?? 0) < begunAt + slotMs, 'none after the slot');
    for (const [index, pause] of pauses.entries()) {
      t.true(pause >= 250 * 2 ** index - 20, `pause ${index} lasted ${pause} ms`);
    }
    for (const { canary } of good) t.is(startsOf(canary.name).length, 1, canary.name);
  },
);

test.serial('a canary whose step crashes is tried once a slot and delays nobody', async (t) => {
  const bench = aBench();
  const { takeStep, startsOf, begunAt } = aWorld();
  bench.startWorker({ takeStep, concurrency: 1, stepTimeoutMs });
  const slots = [1, 2, 3].map((slot) => aDueStep('crashes', { slot, dueAt: begunAt + slot * 300 }));
  const good = others(begunAt);
  await bench.queue.addDue([...slots, ...good]);
  for (const { canary, slot } of [...slots, ...good]) await bench.ended(stepJobId(canary, slot));
  t.is(startsOf('crashes').length, 3);
  const lags = good.map(({ canary, dueAt }) => (startsOf(canary.name)[0] ?? Infinity) - dueAt);
  t.true(Math.max(...lags) < stepTimeoutMs, `${Math.max(...lags)} ms`);
});
