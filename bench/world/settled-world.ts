/**
 * Many settled canaries without their bootstrap: the benchmark writes what Aviary would have left, stamped from one canary
 * that it has really brought to rest, in the same way (server-side apply under the same name). While it does, Aviary must
 * not run.
 *
 * What differs from a world that Aviary has made: times are the pattern's, generations and versions are lower, there are no
 * events, and nothing of the bootstrap lies in Redis.
 */
import type { JsonRecord } from '../../platform/json.ts';
import { numberAt, recordAt } from '../../platform/json.ts';
import { fieldManager } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, configMaps, deployments, endpointSlices, services } from '../../platform/kubernetes/resources.ts';
import { waitFor } from '../../sandbox/wait.ts';
import type { Stage } from '../stage/stage.ts';
import { canaryAt, configMapsAt, deploymentAt, intervalMs } from './objects.ts';
import type { Place } from './objects.ts';
import type { Pattern } from './pattern.ts';
import { stamped, traitsOf } from './stamp.ts';
import type { Wanted } from './stamp.ts';
import { createNamespace, forEach } from './world.ts';
import type { Inhabitant } from './world.ts';

/** An API server that is given tens of thousands of objects lets one of them wait now and then. */
const patience = { timeoutMs: 60_000 };

export interface SettledWorld {
  readonly places: readonly Place[];
  /** Milliseconds, whole seconds; as the pattern's unless told. */
  readonly intervalMs?: number;
  /** Laid over the pattern's; nothing that a status or an object of Aviary would tell. */
  readonly analysis?: JsonRecord;
}

/** Resolves when the nodes have done their part, too. */
export async function writeSettled(stage: Stage, pattern: Pattern, world: SettledWorld): Promise<Inhabitant[]> {
  const { places } = world;
  const tenants = [...new Set(places.map(({ namespace }) => namespace))];
  return stage.progress.during(`${places.length} settled canaries to be written`, async () => {
    await forEach(tenants, (name) => createNamespace(stage.client, name));
    const written = await forEach(places, (place) => writeOne(stage, pattern, { place, ...world }));
    await untilServed(stage, tenants);
    return written;
  });
}

interface Wish extends Omit<SettledWorld, 'places'> {
  readonly place: Place;
}

async function writeOne(stage: Stage, pattern: Pattern, { place, intervalMs: interval = intervalMs, analysis }: Wish) {
  const { client } = stage;
  const laidOver = { ...analysis, interval: `${interval / 1_000}s` };
  const wanted = await writeWanted(stage, pattern, { place, analysis: laidOver });
  const traits = traitsOf(wanted);
  const { made, status } = stamped({ made: pattern.made, status: pattern.status }, pattern.traits, traits);
  await Promise.all(made.map(({ resource, object }) => client.apply(resource, object, { fieldManager, ...patience })));
  await client.replaceStatus(canaries, { ...wanted.canary, status }, patience);
  const { uid = '' } = wanted.canary.metadata;
  return { ...place, rhythm: { uid, intervalMs: interval } };
}

/** The target has given its pods to the primary already. */
async function writeWanted(
  { client }: Stage,
  { analysis: usual, replicas }: Pattern,
  { place, analysis }: { readonly place: Place; readonly analysis: JsonRecord },
): Promise<Wanted> {
  const configs = await Promise.all(configMapsAt(place).map((config) => client.create(configMaps, config, patience)));
  const deployment = deploymentAt(place);
  const parked: KubernetesObject = { ...deployment, spec: { ...recordAt(deployment, 'spec'), replicas } };
  const target = await client.create(deployments, parked, patience);
  const canary = await client.create(canaries, canaryAt(place, { ...usual, ...analysis }), patience);
  return { canary, target, configs };
}

async function untilServed({ client }: Stage, tenants: readonly string[]): Promise<void> {
  await waitFor({
    what: 'an endpoint behind every Service, and all Deployments to be rolled out',
    seconds: 600,
    every: 1_000,
    look: async () => {
      const isDone = await Promise.all(
        tenants.map(async (namespace) => {
          const [wanted, served] = await Promise.all([
            client.list(services, { namespace, metadataOnly: true }),
            client.list(endpointSlices, { namespace, metadataOnly: true }),
          ]);
          if (served.items.length < wanted.items.length) return false;
          const { items } = await client.list(deployments, { namespace });
          return items.every(
            (object) => numberAt(object, 'status', 'observedGeneration') === object.metadata.generation,
          );
        }),
      );
      return isDone.every(Boolean) ? true : undefined;
    },
  });
}
