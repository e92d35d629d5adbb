/** The canary that others are stamped from: Aviary itself has brought it to rest. */
import { numberAt, recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, configMaps, deployments, meshHttpRoutes, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { startAviary } from '../stage/aviary.ts';
import type { Stage } from '../stage/stage.ts';
import { canaryAt, configMapsAt, deploymentAt } from './objects.ts';
import type { Place } from './objects.ts';
import { appliedPart, traitsOf } from './stamp.ts';
import type { Traits } from './stamp.ts';
import { untilCalm } from './population.ts';
import { createNamespace, untilPhases } from './world.ts';

/** Where it lives: no text of it is found in anything else. */
export const patternPlace: Place = { namespace: 'tenant-of-the-pattern', name: 'stamped-app' };

export interface Pattern {
  /** Of the Canary. */
  readonly analysis: JsonRecord;
  readonly traits: Traits;
  /** Of the target, as Aviary has set them. */
  readonly replicas: number;
  readonly status: JsonRecord;
  /** What Aviary has applied, in no order. */
  readonly made: readonly { readonly resource: Resource; readonly object: KubernetesObject }[];
}

/** Kinds of which Aviary makes objects for a canary of a benchmark. */
const madeKinds = [configMaps, deployments, services, meshHttpRoutes];

const analysis = { stepWeight: 10, maxWeight: 50 };
const initializedSeconds = 90;

/** Has Aviary, which must not run yet and does not run afterwards, make the pattern on a stage without canaries. */
export async function makePattern(stage: Stage): Promise<Pattern> {
  const { client, progress } = stage;
  const aviary = await startAviary(stage, { workers: 1 });
  await createNamespace(client, patternPlace.namespace);
  for (const config of configMapsAt(patternPlace)) await client.create(configMaps, config);
  await client.create(deployments, deploymentAt(patternPlace));
  await client.create(canaries, canaryAt(patternPlace, analysis));
  const wait = { count: 1, isIn: (phase: string) => phase === 'Initialized', what: 'initialized' };
  await progress.during('the pattern of a settled canary', async () => {
    await untilPhases(stage, { ...wait, seconds: initializedSeconds });
    await untilCalm(stage);
  });
  await aviary.stop();
  return readPattern(stage);
}

/**
 * Reads what is there of the canary at {@link patternPlace}.
 *
 * @throws Error when it is not at rest, or when what Aviary derives is derived in another way than here
 */
export async function readPattern({ client }: Stage): Promise<Pattern> {
  const { namespace } = patternPlace;
  const canary = await client.get(canaries, patternPlace);
  const target = await client.get(deployments, patternPlace);
  const configs = await Promise.all(
    configMapsAt(patternPlace).map(({ metadata: { name } }) => client.get(configMaps, { namespace, name })),
  );
  const status = recordAt(canary, 'status') ?? {};
  const replicas = numberAt(target, 'spec', 'replicas');
  if (status['phase'] !== 'Initialized' || replicas !== 0) {
    const got = `phase '${String(status['phase'])}' and ${replicas} replicas`;
    throw new Error(`pattern: expected an initialized canary whose target has no replicas, got ${got}`);
  }
  const lists = await Promise.all(
    madeKinds.map(async (resource) =>
      (await client.list(resource, { namespace })).items
        .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === canary.metadata.uid))
        .flatMap((live) => appliedPart(live) ?? [])
        .map((object) => ({ resource, object })),
    ),
  );
  const traits = traitsOf({ canary, target, configs });
  const made = lists.flat();
  expectAll(traits, JSON.stringify([status, made]));
  return { traits, analysis, replicas, status, made };
}

function expectAll(traits: Traits, left: string): void {
  const missing = Object.entries(traits).filter(([, text]) => !left.includes(text));
  if (missing.length === 0) return;
  const names = missing.map(([trait, text]) => `${trait} '${text}'`).join(', ');
  throw new Error(`pattern: expected what Aviary left to hold ${names}; does it derive them in another way by now?`);
}
