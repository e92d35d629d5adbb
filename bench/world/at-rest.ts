/** Whether canaries are really at rest: a step of each says so, and nothing in the cluster is another version afterwards. */
import { systemClock as clock } from '../../platform/clock.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import {
  canaries,
  configMaps,
  deployments,
  endpointSlices,
  events,
  meshHttpRoutes,
  services,
} from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { isRun, viewSteps } from '../measure/finished-jobs.ts';
import type { FinishedJob, StepsView } from '../measure/finished-jobs.ts';
import type { Stage } from '../stage/stage.ts';
import type { Inhabitant } from './world.ts';

/** All that Aviary might write for a canary of a benchmark. */
export const writtenKinds = [canaries, configMaps, deployments, endpointSlices, events, meshHttpRoutes, services];

/** Versions by kind and name. */
export type Versions = ReadonlyMap<string, string>;

export async function readVersions({ client }: Stage, inhabitants: readonly Inhabitant[]): Promise<Versions> {
  const tenants = new Set(inhabitants.map(({ namespace }) => namespace));
  const versions = new Map<string, string>();
  for (const resource of writtenKinds) {
    const { items } = await client.list(resource, { metadataOnly: true, timeoutMs: 60_000 });
    for (const { metadata } of items) {
      if (!tenants.has(metadata.namespace ?? '')) continue;
      versions.set(`${resource.plural} ${nameOf(metadata)}`, metadata.resourceVersion ?? '');
    }
  }
  return versions;
}

/** What is new, gone, or another version. Pure. */
export const movedBetween = (before: Versions, after: Versions): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((name) => before.get(name) !== after.get(name));

export interface Rest {
  readonly inhabitants: readonly Inhabitant[];
  /** Before Aviary was started. */
  readonly before: Versions;
  /** Epoch milliseconds. */
  readonly since: number;
}

/** Steps of all may take as long as so many intervals. */
const patience = 6;
const named = 5;

/**
 * Resolves when Aviary, which runs, has taken a step of each.
 *
 * @throws Error with what a step came to that was not settled, or with what was written
 */
export async function expectAtRest(stage: Stage, { inhabitants, before, since }: Rest): Promise<void> {
  const view = viewSteps(stage.light.redisUrl);
  try {
    const taken = await stage.progress.during(`a step of each of ${inhabitants.length} canaries`, () =>
      untilStepped(view, inhabitants, since),
    );
    const restless = taken.filter(({ outcome }) => outcome !== 'settled').map(({ id, outcome }) => `${id} ${outcome}`);
    const moved = movedBetween(before, await readVersions(stage, inhabitants));
    const found = [...restless, ...moved];
    if (found.length === 0) return;
    throw new Error(
      `settled world: expected steps that say settled and write nothing, got ${restless.length} others and ` +
        `${moved.length} objects written: ${found.slice(0, named).join(', ')}`,
    );
  } finally {
    await view.close();
  }
}

async function untilStepped(
  view: StepsView,
  inhabitants: readonly Inhabitant[],
  since: number,
): Promise<readonly FinishedJob[]> {
  const seconds = 60 + (patience * Math.max(...inhabitants.map(({ rhythm }) => rhythm.intervalMs))) / 1_000;
  const waiting = new Set(inhabitants.map((place) => nameOf(place)));
  const taken: FinishedJob[] = [];
  let from = since;
  return waitFor({
    what: `a step of each of ${inhabitants.length} canaries`,
    seconds,
    every: 2_000,
    look: async () => {
      const now = clock.now();
      const jobs = (await view.finished(from)).filter(isRun);
      from = now - overlapMs;
      taken.push(...jobs.filter(({ canary }) => waiting.has(canary)));
      for (const { canary } of jobs) waiting.delete(canary);
      return waiting.size === 0 ? taken : undefined;
    },
    explain: () => `${waiting.size} had none, among them ${[...waiting].slice(0, named).join(', ')}`,
  });
}

/** The clocks of workers and ours are one; what ends while we ask is asked for again. */
const overlapMs = 1_000;
