/** The only writer of a Canary's status. Every write carries the version that was read: who has been overtaken, writes nothing. */
import type { CanaryStatus } from '../../canary/canary.ts';
import { finalizerName } from '../../canary/finalizer.ts';
import { stableJson } from '../../platform/hash.ts';
import { recordAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';

/** The Canary has moved on since it was read: this step may decide nothing any more. */
export class StatusConflict extends Error {
  override readonly name = 'StatusConflict';
}

export interface StatusSaver {
  /** The status as it is in the cluster, as far as this step knows. */
  saved(): CanaryStatus;
  /** Version of the Canary, as far as this step knows. */
  version(): string | undefined;
  /**
   * Saves the status unless it is what is saved already.
   *
   * @throws StatusConflict when the Canary has moved on or is gone
   * @throws KubernetesError when it could not be written for another reason
   */
  save(status: CanaryStatus): Promise<void>;
  /**
   * Puts our finalizer on the Canary or takes it away; those of others stay. Nothing is written when it is so already.
   *
   * @returns `gone` when the Canary was being deleted and is let go by it, as far as it is up to us
   * @throws as `save` does
   */
  setFinalizer(present: boolean): Promise<'there' | 'gone'>;
}

export interface StatusSaverOptions {
  readonly client: Pick<KubernetesClient, 'replaceStatus' | 'mergePatch'>;
  /** As read at the start of the step. */
  readonly object: KubernetesObject;
  /** Its status, parsed. */
  readonly status: CanaryStatus;
  readonly signal: AbortSignal;
  /** Told of the Canary as each write has left it. */
  readonly onWritten?: (object: KubernetesObject) => void;
}

const isSame = (a: CanaryStatus, b: CanaryStatus): boolean => stableJson(a) === stableJson(b);

export function createStatusSaver({ client, object, status, signal, onWritten }: StatusSaverOptions): StatusSaver {
  const foreign = foreignFields(object);
  let saved = status;
  let version = object.metadata.resourceVersion;
  let finalizers = object.metadata.finalizers ?? [];
  return {
    saved: () => saved,
    version: () => version,
    save: async (next) => {
      if (isSame(next, saved)) return;
      const { apiVersion, kind } = object;
      const metadata = { ...namesOf(object), ...(version === undefined ? {} : { resourceVersion: version }) };
      const body = { apiVersion, kind, metadata, status: { ...foreign, ...statusBody(next) } };
      const written = await overtaken(client.replaceStatus(canaries, body, { signal }));
      onWritten?.(written);
      saved = next;
      version = written.metadata.resourceVersion;
    },
    setFinalizer: async (present) => {
      if (finalizers.includes(finalizerName) === present) return 'there';
      const others = finalizers.filter((name) => name !== finalizerName);
      const patch = { metadata: { finalizers: present ? [...others, finalizerName] : others } };
      const written = await overtaken(
        client.mergePatch(canaries, namesOf(object), { patch, resourceVersion: version, signal }),
      );
      onWritten?.(written);
      finalizers = written.metadata.finalizers ?? [];
      version = written.metadata.resourceVersion;
      return object.metadata.deletionTimestamp === undefined ? 'there' : 'gone';
    },
  };
}

/** Tells a write that came too late from one that failed. */
async function overtaken(write: Promise<KubernetesObject>): Promise<KubernetesObject> {
  try {
    return await write;
  } catch (error) {
    if (!isKubernetesError(error, 'conflict', 'notFound')) throw error;
    throw new StatusConflict(error.message, { cause: error });
  }
}

function namesOf({ metadata: { name, namespace } }: KubernetesObject): KubernetesObject['metadata'] {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Fields of the status that this version does not know, as a newer one may have written them: they stay. */
function foreignFields(object: KubernetesObject): Record<string, unknown> {
  const entries = Object.entries(recordAt(object, 'status') ?? {});
  return Object.fromEntries(entries.filter(([field]) => !Object.hasOwn(statusFields, field)));
}

/** An empty outbox is left out, so that a settled Canary carries nothing of ours that the reference does not know. */
function statusBody({ outbox, ...status }: CanaryStatus): Record<string, unknown> {
  return outbox.length === 0 ? status : { ...status, outbox };
}

/** Every field of the status; one that is added to the type and not here does not compile. */
const statusFields: Readonly<Record<keyof CanaryStatus, true>> = {
  phase: true,
  failedChecks: true,
  canaryWeight: true,
  iterations: true,
  previousSessionAffinityCookie: true,
  sessionAffinityCookie: true,
  primarySessionAffinityCookie: true,
  trackedConfigs: true,
  lastAppliedSpec: true,
  lastPromotedSpec: true,
  lastTransitionTime: true,
  conditions: true,
  observedGeneration: true,
  run: true,
  outbox: true,
};
