/** A tenant with very many canaries that all fall due at once, beside one with few: what the small one notices of it. */
import { systemClock as clock } from '../../platform/clock.ts';
import type { Span } from '../../canary/slot.ts';
import { openBurster } from '../measure/burst.ts';
import type { Burst, Burster } from '../measure/burst.ts';
import { delaysOf } from '../measure/delays.ts';
import type { Delays } from '../measure/delays.ts';
import { viewSteps } from '../measure/finished-jobs.ts';
import { openPace } from '../measure/pace.ts';
import type { PaceView } from '../measure/pace.ts';
import { afterwardsMs } from '../measure/slots.ts';
import type { FairnessResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { expectAtRest, readVersions } from '../world/at-rest.ts';
import { placesOf } from '../world/objects.ts';
import { makePattern } from '../world/pattern.ts';
import { untilUnstretched } from '../world/population.ts';
import { writeSettled } from '../world/settled-world.ts';
import type { Inhabitant } from '../world/world.ts';

export interface FairnessOptions {
  /** Canaries of the large tenant; 4,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
  /** Seconds that the slots of the small tenant are measured, and its bursts again, alone and beside the other one. */
  readonly window: number;
}

const usualSize = 4_000;
const smallSize = 20;
/** Of the large tenant: what it has besides its bursts is little. */
const largeIntervalMs = 60_000;
/** Milliseconds between two bursts of the small tenant. */
const smallPauseMs = 3_000;
const patienceSeconds = 240;

export async function measureFairness(stage: Stage, options: FairnessOptions): Promise<FairnessResult> {
  const { size = usualSize, workers, window } = options;
  const pattern = await makePattern(stage);
  const small = await writeSettled(stage, pattern, { places: placesOf('small', smallSize) });
  const steps = smallSize + size;
  const alone = await withAviary(stage, { workers, inhabitants: small, steps }, (burster) =>
    measureAlone(stage, { burster, small, window }),
  );
  const world = { places: placesOf('large', size), intervalMs: largeIntervalMs };
  const large = await writeSettled(stage, pattern, world);
  const all = { workers, inhabitants: [...small, ...large], steps };
  const beside = await withAviary(stage, all, (burster) => measureBeside(stage, { burster, small, large, window }));
  return { small: small.length, large: size, workers, alone, ...beside };
}

interface Alone {
  readonly burster: Burster;
  readonly small: readonly Inhabitant[];
  readonly window: number;
}

const measureAlone = (stage: Stage, tenant: Alone): Promise<Delays> =>
  stage.progress.during(`${tenant.small.length} canaries alone, twice ${tenant.window} s`, () =>
    inTwoSpans(stage, tenant),
  );

/** The large tenant is woken again and again meanwhile. */
async function measureBeside(stage: Stage, { large, ...tenant }: Alone & { readonly large: readonly Inhabitant[] }) {
  const pace = openPace(stage.light.redisUrl);
  // With a connection of its own, so that nothing of the small tenant waits behind it before it is in Redis.
  const flood = openBurster(stage.light.redisUrl);
  let isOver = false;
  try {
    const [beside, bursts, stretch] = await Promise.all([
      stage.progress
        .during(`${tenant.small.length} canaries beside ${large.length}`, () => inTwoSpans(stage, tenant))
        .finally(() => (isOver = true)),
      burstUntil(flood, large, { isOver: () => isOver, pauseMs: 0 }),
      mostStretch(pace, () => isOver),
    ]);
    return { beside, bursts, stretch };
  } finally {
    await flood.close();
    pace.close();
  }
}

/** Milliseconds: schedulers change it once in a tick. */
const lookMs = 500;

async function mostStretch(pace: PaceView, isOver: () => boolean): Promise<number> {
  let most = 1;
  while (!isOver()) {
    most = Math.max(most, await pace.ratio());
    await clock.sleep(lookMs);
  }
  return most;
}

/** First slots by themselves, then bursts: a slot that falls due behind a burst of its own tenant tells nothing of the other. */
async function inTwoSpans(stage: Stage, { burster, small, window }: Alone): Promise<Delays> {
  const { slots } = await delaysDuring(stage, small, () => clock.sleep(window * 1_000));
  const { wakes } = await delaysDuring(stage, small, async () => {
    await burstUntil(burster, small, { isOver: after(window), pauseMs: smallPauseMs });
  });
  return { slots, wakes };
}

interface Running {
  readonly workers: number;
  readonly inhabitants: readonly Inhabitant[];
  /** That the workers take before. */
  readonly steps: number;
}

/**
 * Aviary runs meanwhile, and has found everything at rest before. The first thousands of steps are those in which V8 compiles
 * and learns; both times the workers have them behind them.
 */
async function withAviary<T>(
  stage: Stage,
  { workers, inhabitants, steps }: Running,
  work: (burster: Burster) => Promise<T>,
): Promise<T> {
  const before = await readVersions(stage, inhabitants);
  const since = clock.now();
  const aviary = await startAviary(stage, { workers });
  const burster = openBurster(stage.light.redisUrl);
  try {
    await expectAtRest(stage, { inhabitants, before, since });
    await untilUnstretched(stage);
    await stage.progress.during(`${steps} steps to warm up`, () => takeSteps(burster, inhabitants, steps));
    return await work(burster);
  } finally {
    await burster.close();
    await aviary.stop();
  }
}

/** So many at least, burst after burst. */
async function takeSteps(burster: Burster, inhabitants: readonly Inhabitant[], steps: number): Promise<void> {
  for (let taken = 0; taken < steps; taken += inhabitants.length) {
    await burster.wakeAll(inhabitants, `warm-${clock.now()}`, patienceSeconds);
  }
}

/** The delays of slots and wakes of the time that `work` takes. */
async function delaysDuring(
  { light }: Stage,
  inhabitants: readonly Inhabitant[],
  work: () => Promise<void>,
): Promise<Delays> {
  const view = viewSteps(light.redisUrl);
  try {
    const after = clock.now();
    await work();
    const span: Span = { after, until: clock.now() };
    await clock.sleep(afterwardsMs(inhabitants));
    return delaysOf(inhabitants, await view.finished(after), span);
  } finally {
    await view.close();
  }
}

interface Bursts {
  readonly isOver: () => boolean;
  readonly pauseMs: number;
}

/** Burst after burst; one that has begun goes on to its end. */
async function burstUntil(burster: Burster, inhabitants: readonly Inhabitant[], { isOver, pauseMs }: Bursts) {
  const [{ namespace } = { namespace: '' }] = inhabitants;
  const bursts: Burst[] = [];
  while (!isOver()) {
    bursts.push(await burster.wakeAll(inhabitants, `${namespace}-${clock.now()}`, patienceSeconds));
    await clock.sleep(pauseMs);
  }
  return bursts;
}

const after = (seconds: number): (() => boolean) => {
  const end = clock.now() + seconds * 1_000;
  return () => clock.now() >= end;
};
