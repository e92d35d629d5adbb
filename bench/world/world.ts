/** Creates worlds of many canaries through the API server, and tells how far Aviary is with them. */
import pLimit from 'p-limit';
import { readSchedule } from '../../canary/schedule.ts';
import type { Rhythm } from '../../canary/slot.ts';
import { systemClock as clock } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import { createListWatch } from '../../platform/kubernetes/watch.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { canaries, configMaps, deployments, namespaces } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { Stage } from '../stage/stage.ts';
import { canaryAt, configMapsAt, deploymentAt, placeOf, releasePatch } from './objects.ts';
import type { Place } from './objects.ts';

/** A canary as the measuring needs to know it. */
export interface Inhabitant extends Place {
  readonly rhythm: Rhythm;
}

/** A target that was given another revision. */
export interface Change extends ObjectName {
  /** Epoch milliseconds at which it was sent to the API server. */
  readonly sentAt: number;
}

/** Canaries by number: from `from` up to, without, `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** Objects that are written at the same time. */
const width = 30;

export const placesIn = ({ from, to }: Range): readonly Place[] =>
  Array.from({ length: to - from }, (_, index) => placeOf(from + index));

/** Deployments, ConfigMaps and their namespaces: what is there before Aviary comes to know of it. */
export async function createTargets({ client, progress }: Stage, range: Range): Promise<void> {
  const places = placesIn(range);
  const tenants = [...new Set(places.map(({ namespace }) => namespace))];
  const label = `targets of ${places.length} canaries`;
  await progress.during(label, async () => {
    await forEach(tenants, (name) => createNamespace(client, name));
    await forEach(places, async (place) => {
      for (const config of configMapsAt(place)) await client.create(configMaps, config);
      await client.create(deployments, deploymentAt(place));
    });
  });
}

/** What is there already stays. */
export async function createNamespace(client: KubernetesClient, name: string): Promise<void> {
  try {
    await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  } catch (error) {
    if (!isKubernetesError(error, 'alreadyExists')) throw error;
  }
}

/** The Canaries themselves; from now on Aviary has something to do. */
export async function createCanaries({ client }: Stage, range: Range, analysis: JsonRecord): Promise<Inhabitant[]> {
  return forEach(placesIn(range), async (place) =>
    inhabitantOf(await client.create(canaries, canaryAt(place, analysis))),
  );
}

function inhabitantOf(object: KubernetesObject): Inhabitant {
  const schedule = readSchedule(object);
  if (schedule === undefined) throw new Error('a Canary that was created: expected name, namespace and uid, got none');
  const { namespace, name, rhythm } = schedule;
  return { namespace, name, rhythm };
}

/**
 * Gives every canary a new release, as fast as the API server takes it.
 *
 * @returns when each was sent, in epoch milliseconds
 */
export const releaseAll = (stage: Stage, places: readonly Place[], revision: string): Promise<Change[]> =>
  forEach(places, (place) => release(stage, place, revision));

/** Gives one canary a new release. */
export async function release({ client }: Stage, { namespace, name }: Place, revision: string): Promise<Change> {
  const sentAt = clock.now();
  await client.mergePatch(deployments, { namespace, name }, { patch: releasePatch(revision) });
  return { namespace, name, sentAt };
}

/** Works on all items, on some of them at the same time; the results in the order of the items. */
export const forEach = <Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const limit = pLimit(width);
  return Promise.all(items.map((item) => limit(() => work(item))));
};

/** What phases to wait for. */
export interface PhaseWait {
  readonly count: number;
  readonly isIn: (phase: string) => boolean;
  /** For the report: `initialized`. */
  readonly what: string;
  readonly seconds: number;
}

/** Resolves when so many Canaries are in such a phase, and says on the way how many are. */
export async function untilPhases({ client, progress }: Stage, wait: PhaseWait): Promise<void> {
  const watch = createListWatch<string>({
    client,
    resource: canaries,
    clock,
    random: Math.random,
    log,
    project: phaseOf,
  });
  const phases = (): string[] => [...watch.values()].map(({ value }) => value);
  const arrived = (): number => phases().filter(wait.isIn).length;
  const stop = clock.every(5_000, () => progress.say(`  ${arrived()} of ${wait.count} ${wait.what}`));
  watch.start();
  try {
    await waitFor({
      what: `${wait.count} canaries ${wait.what}`,
      seconds: wait.seconds,
      look: () => (arrived() >= wait.count ? true : undefined),
      explain: () => JSON.stringify(countOf(phases())),
    });
  } finally {
    stop();
    await watch.stop();
  }
}

/** How many Canaries are in each phase. */
export async function phasesNow(stage: Stage): Promise<Readonly<Record<string, number>>> {
  return countOf((await canaryObjects(stage)).map(phaseOf));
}

/** All Canaries as they are now. */
export async function canaryObjects({ client }: Stage): Promise<readonly KubernetesObject[]> {
  return (await client.list(canaries)).items;
}

const phaseOf = (canary: KubernetesObject): string => stringAt(canary, 'status', 'phase') ?? 'new';

const countOf = (words: readonly string[]): Record<string, number> =>
  Object.fromEntries([...new Set(words)].map((word) => [word, words.filter((other) => other === word).length]));
