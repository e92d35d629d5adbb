/** What a step has read of the cluster: each object once, until the step itself writes it. */
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import { nameOf } from '../../platform/kubernetes/object.ts';
import type { KubernetesObject, ObjectName } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import type { StepContext } from '../context.ts';

export interface ObjectAt {
  readonly resource: Resource;
  readonly name: ObjectName;
}

/** Reads fail with KubernetesError; an object that does not exist is undefined. */
export interface StepReads {
  /** What the step last saw or wrote; at first what a cache knows, where there is one. */
  get(step: StepContext, at: ObjectAt): Promise<KubernetesObject | undefined>;
  /** Asks the API server, whatever the step saw before. */
  getFresh(step: StepContext, at: ObjectAt): Promise<KubernetesObject | undefined>;
  /** What a write returned takes the place of what was read. */
  remember(step: StepContext, at: ObjectAt, object: KubernetesObject): void;
}

type Reading = Promise<KubernetesObject | undefined>;

const keyOf = ({ resource, name }: ObjectAt): string => `${resource.plural}.${resource.group} ${nameOf(name)}`;

export function createStepReads(client: Pick<KubernetesClient, 'get'>): StepReads {
  const steps = new WeakMap<StepContext, Map<string, Reading>>();

  const seenBy = (step: StepContext): Map<string, Reading> => {
    const seen = steps.get(step) ?? new Map<string, Reading>();
    steps.set(step, seen);
    return seen;
  };

  const readNow = async (step: StepContext, at: ObjectAt, fresh: boolean): Reading => {
    const seen = seenBy(step);
    const reading = read(client, step, { ...at, fresh });
    seen.set(keyOf(at), reading);
    try {
      return await reading;
    } catch (error) {
      // A failed read is not worth remembering: the next one may succeed.
      if (seen.get(keyOf(at)) === reading) seen.delete(keyOf(at));
      throw error;
    }
  };

  return {
    get: (step, at) => seenBy(step).get(keyOf(at)) ?? readNow(step, at, false),
    getFresh: (step, at) => readNow(step, at, true),
    remember: (step, at, object) => {
      step.seen?.note(at.resource, object);
      seenBy(step).set(keyOf(at), Promise.resolve(object));
    },
  };
}

async function read(
  client: Pick<KubernetesClient, 'get'>,
  { signal, seen }: StepContext,
  { resource, name, fresh }: ObjectAt & { readonly fresh: boolean },
): Reading {
  try {
    const object = await client.get(resource, name, { signal, fresh, notBefore: seen?.notBefore });
    seen?.note(resource, object);
    return object;
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) return undefined;
    throw error;
  }
}
