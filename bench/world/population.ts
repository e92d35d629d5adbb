/** Canaries that Aviary has initialized and that are left with nothing to do: where most scenarios begin. */
import { Phase } from '../../canary/canary.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { openPace } from '../measure/pace.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Aviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { intervalMs } from './objects.ts';
import { createCanaries, createTargets, untilPhases } from './world.ts';
import type { Inhabitant } from './world.ts';

export interface Population {
  /** How many canaries there are to be. */
  readonly count: number;
  /** Of those that are added; five steps of weight unless told. */
  readonly analysis?: JsonRecord;
}

export interface Settling extends Population {
  readonly workers: number;
}

/** Aviary with canaries that are initialized, when the bootstrap is over. */
export async function startSettled(stage: Stage, { workers, ...population }: Settling): Promise<Settled> {
  const aviary = await startAviary(stage, { workers });
  const inhabitants: Inhabitant[] = [];
  await populate(stage, inhabitants, population);
  await untilCalm(stage);
  return { aviary, inhabitants };
}

export interface Settled {
  readonly aviary: Aviary;
  readonly inhabitants: readonly Inhabitant[];
}

/** Seconds that a canary may take on average until it is initialized. */
const secondsPerCanary = 0.3;
const leastSeconds = 60;

/** Adds canaries up to `count` and waits until Aviary has initialized them. */
export async function populate(stage: Stage, inhabitants: Inhabitant[], population: Population): Promise<void> {
  const { count, analysis = { stepWeight: 10, maxWeight: 50 } } = population;
  const range = { from: inhabitants.length, to: count };
  await createTargets(stage, range);
  inhabitants.push(...(await createCanaries(stage, range, analysis)));
  await stage.progress.during(`${count} canaries to be initialized`, () =>
    untilPhases(stage, {
      count,
      isIn: (phase) => phase !== 'new' && phase !== Phase.Initializing,
      what: 'initialized',
      seconds: leastSeconds + secondsPerCanary * (range.to - range.from),
    }),
  );
}

/** What was announced at the end of the first steps is confirmed by the next one; then nothing is left to write. */
const calmMs = 1.5 * intervalMs;

/** Resolves when the bootstrap is over: nothing is left to write, and intervals are as long as they are written. */
export async function untilCalm(stage: Stage): Promise<void> {
  await clock.sleep(calmMs);
  await untilUnstretched(stage);
}

/** The first steps of all are more than the workers can take at once, and intervals that were stretched for them go back in steps. */
export async function untilUnstretched({ light, progress }: Stage): Promise<void> {
  const pace = openPace(light.redisUrl);
  let told = 1;
  try {
    await progress.during('intervals to be as long as they are written', () =>
      waitFor({
        what: 'intervals that are not stretched',
        seconds: 3_600,
        every: 1_000,
        look: async () => {
          const ratio = await pace.ratio();
          if (ratio !== told) progress.say(`  of ${ratio} slots one is taken`);
          told = ratio;
          return ratio === 1 ? true : undefined;
        },
      }),
    );
  } finally {
    pace.close();
  }
}
