/** ScaledObjects of KEDA. Rules: spec of targets, section 9. */
import { primaryName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import type { Scaler } from '../../canary/spec.ts';
import { arrayAt, isRecord, numberAt, recordAt, stringAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf, scaledObjects } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';
import { createStepObjects } from '../objects/step-objects.ts';
import type { ObjectsClient, StepObjects } from '../objects/step-objects.ts';
import type { ScalerAdapter } from './scaler.ts';
import { isOwnScaler, primaryScalerMetadata, primaryScalerName, readSource, scalerAt } from './source.ts';
import type { ScalerSource } from './source.ts';

/** While a ScaledObject carries it, KEDA keeps its workload at that number of replicas. */
export const pausedAnnotation = 'autoscaling.keda.sh/paused-replicas';

/** A pause of any kind is meant for the ScaledObject that carries it: beside the above `paused`, `paused-scale-in`, … */
const pausePrefix = 'autoscaling.keda.sh/paused';

/** KEDA writes a ScaledObject's own name into it, and would write it again after every copy. */
const ownNameLabel = 'scaledobject.keda.sh/name';

/** What KEDA takes where a ScaledObject sets no `maxReplicaCount`. */
const defaultMost = 100;

export function createScaledObjectScaler({ client }: { readonly client: ObjectsClient }): ScalerAdapter {
  const objects = createStepObjects(client);
  const read = (step: StepContext): Promise<ScalerSource> => readSource(objects, step, scaledObjects);
  return {
    ensurePrimary: async (step, atLeast) => ensurePrimary(objects, step, { ...(await read(step)), atLeast }),
    mostReplicas: async (step) => {
      const { scaler, object } = await read(step);
      return mostOf(scaler, object);
    },
    // At zero replicas KEDA would add some for the load of the primary. One that is gone adds none.
    pause: async (step) => setPause(objects, step, { name: step.canary.spec.scaler?.name, to: '0' }),
    resume: async (step) => setPause(objects, step, { name: (await read(step)).scaler.name, to: null }),
    minReplicas: async (step) => {
      const { object } = await read(step);
      return Math.max(1, numberAt(object, 'spec', 'minReplicaCount') ?? 1);
    },
  };
}

interface Wish extends ScalerSource {
  /** What the primary may not go below for now, within its most. */
  readonly atLeast?: number | undefined;
}

async function ensurePrimary(objects: StepObjects, step: StepContext, wish: Wish): Promise<void> {
  const name = primaryScalerName(wish.scaler);
  await objects.ensure(step, {
    at: scalerAt(step, scaledObjects, name),
    plan: (live) => ({
      desired: primaryScaledObject(step.canary, { ...wish, isOwned: isOwnScaler(live, step.canary) }),
    }),
    repeat: 'always',
  });
  // Whoever paused it: a primary serves.
  await setPause(objects, step, { name, to: null });
}

interface Pause {
  readonly name: string | undefined;
  readonly to: '0' | null;
}

/** Only the one annotation, and only when it is not so already. */
async function setPause(objects: StepObjects, step: StepContext, { name, to }: Pause): Promise<void> {
  if (name === undefined) return;
  const at = scalerAt(step, scaledObjects, name);
  const live = await objects.get(step, at);
  if (live === undefined || (live.metadata.annotations?.[pausedAnnotation] ?? null) === to) return;
  await objects.patch(step, { at, patch: { metadata: { annotations: { [pausedAnnotation]: to } } } });
}

/** The fields of the primary's ScaledObject that we apply. */
export function primaryScaledObject(canary: Canary, wish: Wish & { readonly isOwned: boolean }): KubernetesObject {
  const { scaler, object: source, isOwned } = wish;
  const {
    minReplicaCount: _least,
    maxReplicaCount: _most,
    idleReplicaCount: _idle,
    ...spec
  } = recordAt(source, 'spec') ?? {};
  return {
    apiVersion: apiVersionOf(scaledObjects),
    kind: scaledObjects.kind,
    metadata: primaryScalerMetadata(canary, { scaler, object: withoutOwnMarks(source) }, isOwned),
    spec: {
      ...spec,
      scaleTargetRef: { ...recordAt(spec, 'scaleTargetRef'), name: primaryName(canary) },
      ...bounds(wish),
      advanced: primaryAdvanced(recordAt(spec, 'advanced')),
      triggers: arrayAt(spec, 'triggers').map((trigger) => primaryTrigger(canary, scaler, trigger)),
    },
  };
}

/** Without what is said of the very object that carries it. */
function withoutOwnMarks(source: KubernetesObject): KubernetesObject {
  const { [ownNameLabel]: _own, ...labels } = source.metadata.labels ?? {};
  const annotations = Object.fromEntries(
    Object.entries(source.metadata.annotations ?? {}).filter(([key]) => !key.startsWith(pausePrefix)),
  );
  return { ...source, metadata: { ...source.metadata, labels, annotations } };
}

/**
 * What the user left out stays out, but for a least that the primary is held to. While it is, there is no idle count:
 * without load KEDA would go down to that one, whatever the least is.
 */
function bounds({ scaler, object, atLeast = 0 }: Wish): JsonRecord {
  const idle = atLeast > 0 ? undefined : numberAt(object, 'spec', 'idleReplicaCount');
  const least = scaler.primaryMinReplicas ?? numberAt(object, 'spec', 'minReplicaCount');
  const most = scaler.primaryMaxReplicas ?? numberAt(object, 'spec', 'maxReplicaCount');
  const held = Math.max(least ?? 0, Math.min(atLeast, mostOf(scaler, object)));
  return {
    ...(held === 0 && least === undefined ? {} : { minReplicaCount: held }),
    ...(most === undefined ? {} : { maxReplicaCount: most }),
    ...(idle === undefined ? {} : { idleReplicaCount: idle }),
  };
}

const mostOf = (scaler: Scaler, source: KubernetesObject): number =>
  scaler.primaryMaxReplicas ?? numberAt(source, 'spec', 'maxReplicaCount') ?? defaultMost;

/** The HPA that KEDA makes of it has a name of its own. */
function primaryAdvanced(advanced: JsonRecord | undefined): JsonRecord {
  const config = recordAt(advanced, 'horizontalPodAutoscalerConfig') ?? {};
  const name = stringAt(config, 'name');
  const named = name === undefined || name === '' ? config : { ...config, name: `${name}-primary` };
  return { ...advanced, horizontalPodAutoscalerConfig: named };
}

/** Queries of triggers measure the primary: those that the Canary names, else by its name in their text. */
function primaryTrigger(canary: Canary, scaler: Scaler, trigger: unknown): unknown {
  const metadata = recordAt(trigger, 'metadata');
  const query = stringAt(metadata, 'query');
  if (!isRecord(trigger) || metadata === undefined) return trigger;
  const named = scaler.primaryScalerQueries;
  const wanted =
    Object.keys(named).length > 0
      ? named[stringAt(trigger, 'name') ?? '']
      : query && primaryQuery(query, canary.spec.target.name);
  return wanted === undefined ? trigger : { ...trigger, metadata: { ...metadata, query: wanted } };
}

/** `podinfo-canary` and `podinfo` become `podinfo-primary`; a suffix that is there already is not doubled. */
const primaryQuery = (query: string, target: string): string =>
  query
    .replaceAll(`${target}-primary`, target)
    .replaceAll(`${target}-canary`, target)
    .replaceAll(target, `${target}-primary`);
