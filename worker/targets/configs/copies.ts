/**
 * The primary's own copies of what its target reads, so that a change reaches it only with a promotion.
 * Rules: spec of targets, section 8.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Canary } from '../../../canary/canary.ts';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import type { KubernetesObject, OwnerReference } from '../../../platform/kubernetes/object.ts';
import { recordAt, stringAt, valueAt } from '../../../platform/json.ts';
import { apiVersionOf, canaries } from '../../../platform/kubernetes/resources.ts';
import type { StepContext } from '../../context.ts';
import { withPrefixes } from '../../objects/copied-metadata.ts';
import { controllerReference } from '../../objects/owner.ts';
import type { Plan, StepObjects } from '../../objects/step-objects.ts';
import type { ObjectAt } from '../../objects/step-reads.ts';
import { configChecksum } from './checksum.ts';
import { copyName } from './names.ts';
import { configResources } from './tracker.ts';
import type { ConfigTracker, TrackedConfig } from './tracker.ts';

export interface ConfigCopiesOptions {
  readonly client: Pick<KubernetesClient, 'delete'>;
  readonly objects: StepObjects;
  readonly tracker: Pick<ConfigTracker, 'remember'>;
  /** Prefixes of labels that copies take over. */
  readonly includeLabelPrefixes: readonly string[];
}

/** All methods fail with KubernetesError, and with what the step's fence throws. */
export interface ConfigCopies {
  /** Makes every copy equal its original. No write when it is so already. */
  ensure(step: StepContext, tracked: readonly TrackedConfig[]): Promise<void>;
}

export function createConfigCopies(options: ConfigCopiesOptions): ConfigCopies {
  return {
    ensure: async (step, tracked) => {
      await Promise.all(tracked.map((config) => ensureCopy(options, step, config)));
    },
  };
}

const copyAt = ({ canary }: StepContext, { reference }: TrackedConfig): ObjectAt => ({
  resource: configResources[reference.kind],
  name: { namespace: canary.namespace, name: copyName(reference.name) },
});

async function ensureCopy(options: ConfigCopiesOptions, step: StepContext, config: TrackedConfig): Promise<void> {
  const { objects, tracker, includeLabelPrefixes } = options;
  const at = copyAt(step, config);
  const live = await objects.get(step, at);
  if (live !== undefined && isFixed(live, config)) await replaceable(options, step, { at, live });
  const copy = await objects.ensure(step, {
    at,
    plan: (now) => copyPlan(step.canary, { config, includeLabelPrefixes, live: now }),
    repeat: 'always',
  });
  tracker.remember(copy);
}

/** An immutable copy of something else can only make way for a new one; pods keep what they have mounted. */
const isFixed = (live: KubernetesObject, { object, checksum }: TrackedConfig): boolean =>
  (valueAt(live, 'immutable') === true && (configChecksum(live) !== checksum || object['immutable'] !== true)) ||
  // The type of a Secret is fixed for everybody.
  stringAt(live, 'type') !== stringAt(object, 'type');

interface Fixed {
  readonly at: ObjectAt;
  readonly live: KubernetesObject;
}

async function replaceable({ client, objects }: ConfigCopiesOptions, step: StepContext, { at, live }: Fixed) {
  await step.fence();
  const { uid, resourceVersion } = live.metadata;
  await client.delete(at.resource, at.name, { uid, resourceVersion, signal: step.signal });
  await objects.getFresh(step, at);
}

interface CopyWish {
  readonly config: TrackedConfig;
  readonly includeLabelPrefixes: readonly string[];
  readonly live: KubernetesObject | undefined;
}

const contents = ['data', 'binaryData'] as const;

/** The fields of a copy that we apply: all of the content, whoever has added to it. */
export function copyPlan(canary: Canary, { config, includeLabelPrefixes, live }: CopyWish): Plan {
  const { reference, object } = config;
  const resource = configResources[reference.kind];
  const labels = withPrefixes(object.metadata.labels ?? {}, includeLabelPrefixes);
  const copied = ['type', 'data', 'binaryData', 'immutable'].flatMap((field) =>
    object[field] === undefined ? [] : [[field, object[field]] as const],
  );
  const desired: KubernetesObject = {
    apiVersion: apiVersionOf(resource),
    kind: resource.kind,
    metadata: {
      name: copyName(reference.name),
      namespace: canary.namespace,
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ownerReferences: owners(canary, live),
    },
    ...Object.fromEntries(copied),
  };
  const isExact = contents.every((field) => isDeepStrictEqual(recordAt(live, field), recordAt(object, field)));
  return { desired, claims: live === undefined || isExact ? [] : contents.map((field) => [`f:${field}`]) };
}

/** Canaries that read one config share its copy: it goes with the last of them, and the last to write controls it. */
function owners(canary: Canary, live: KubernetesObject | undefined): OwnerReference[] {
  const present = live?.metadata.ownerReferences ?? [];
  if (present.some(({ uid }) => uid === canary.uid)) return present.map((owner) => ({ ...owner }));
  const others = present
    .filter(({ kind, name }) => kind !== canaries.kind || name !== canary.name)
    .map((owner) => ({ ...owner, controller: false }));
  return [controllerReference(canary), ...others];
}
