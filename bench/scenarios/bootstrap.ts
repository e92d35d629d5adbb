/** Many canaries that are new at the same moment: how long until all are initialized, and whose time that is. */
import { availableParallelism } from 'node:os';
import { Phase } from '../../canary/canary.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { services } from '../../platform/kubernetes/resources.ts';
import { transitionsFrom } from '../measure/transitions.ts';
import { readAfter, readBefore, totalsBetween } from '../measure/window.ts';
import type { BootstrapResult } from '../results.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Aviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { createServicesAlone } from '../world/services.ts';
import { canaryObjects, createCanaries, createTargets, untilPhases } from '../world/world.ts';
import type { Inhabitant, Range } from '../world/world.ts';

export interface BootstrapOptions {
  /** How many canaries; 1,000 unless told. */
  readonly size?: number | undefined;
  readonly workers: number;
}

const usualSize = 1_000;
const analysis = { stepWeight: 10, maxWeight: 50 };
/** Seconds that a canary may take on average: from there on somebody has to look. */
const secondsPerCanary = 0.6;
const leastSeconds = 60;

/** The targets are there before; the clock runs from the first Canary on. */
export async function measureBootstrap(stage: Stage, options: BootstrapOptions): Promise<BootstrapResult> {
  const { size: count = usualSize, workers } = options;
  const range = { from: 0, to: count };
  await createTargets(stage, range);
  const aviary = await startAviary(stage, { workers });
  const measured = await stage.progress.during(`${count} canaries to be initialized`, () =>
    initializeAll(stage, aviary, range),
  );
  await aviary.stop();
  const { inhabitants, ...rest } = measured;
  const servicesAlone = await createServicesAlone(stage, await countServices(stage, inhabitants));
  return { canaries: count, workers, ...rest, cores: availableParallelism(), servicesAlone };
}

/** @param range of canaries whose targets are there */
export async function initializeAll(stage: Stage, aviary: Aviary, range: Range) {
  const count = range.to - range.from;
  const before = await readBefore(stage, aviary);
  const ownBefore = process.cpuUsage();
  const begunAt = clock.now();
  const inhabitants = await createCanaries(stage, range, analysis);
  const createdAt = clock.now();
  await untilPhases(stage, {
    count,
    isIn: (phase) => phase === Phase.Initialized,
    what: 'initialized',
    seconds: leastSeconds + secondsPerCanary * count,
  });
  const doneAt = clock.now();
  const own = process.cpuUsage(ownBefore);
  const totals = totalsBetween(before, await readAfter(stage, aviary));
  return {
    inhabitants,
    creatingMs: createdAt - begunAt,
    allMs: doneAt - begunAt,
    ends: transitionsFrom(await canaryObjects(stage), begunAt),
    totals,
    benchCpu: (own.user + own.system) / 1e6,
  };
}

/** Those that the canaries have by now. */
export async function countServices({ client }: Stage, inhabitants: readonly Inhabitant[]): Promise<number> {
  const tenants = new Set(inhabitants.map(({ namespace }) => namespace));
  const { items } = await client.list(services, { metadataOnly: true });
  return items.filter(({ metadata }) => tenants.has(metadata.namespace ?? '')).length;
}
