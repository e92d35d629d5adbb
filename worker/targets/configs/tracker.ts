/**
 * The ConfigMaps and Secrets of a target as they are: which of them are tracked, and their checksums.
 *
 * A step asks for metadata only, and for the content when that has changed since it was last hashed. No content is kept.
 * Rules: spec of targets, section 8.
 */
import type { Revision } from '../../../canary/canary.ts';
import type { KubernetesClient } from '../../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';
import { configMaps, secrets } from '../../../platform/kubernetes/resources.ts';
import type { Resource } from '../../../platform/kubernetes/resources.ts';
import { stringAt } from '../../../platform/json.ts';
import { AdapterError } from '../../context.ts';
import type { StepContext } from '../../context.ts';
import { configChecksum } from './checksum.ts';
import { copyName } from './names.ts';
import type { CopiedConfigs } from './names.ts';
import { configKey, configOf, configReferences } from './references.ts';
import type { ConfigKind, ConfigReference } from './references.ts';

export const configResources: Readonly<Record<ConfigKind, Resource>> = { configmap: configMaps, secret: secrets };

/** Checksums by key; undefined where configs are not tracked at all. */
export type Checksums = Revision['configs'];

export interface TrackedConfig {
  readonly reference: ConfigReference;
  readonly object: KubernetesObject;
  readonly checksum: string;
}

/** All that read fail with KubernetesError, and with AdapterError `notFound` when a mandatory object is missing. */
export interface ConfigTracker {
  checksums(step: StepContext, template: unknown): Promise<Checksums>;
  /** Whether the primary's copy of every config is there and has its checksum. */
  hasCopies(step: StepContext, checksums: Checksums): Promise<boolean>;
  /** Takes note of an object that was seen whole, so that its content is not asked for again while it has this version. */
  remember(object: KubernetesObject): void;
  /** The objects with their content, read anew. */
  read(step: StepContext, template: unknown): Promise<readonly TrackedConfig[]>;
}

export type ConfigClient = Pick<KubernetesClient, 'get'>;

/** No target is tracked. */
export const withoutTracking: ConfigTracker = {
  checksums: async () => undefined,
  hasCopies: async () => true,
  remember: () => undefined,
  read: async () => [],
};

/** By key, as `status.trackedConfigs` holds them. */
export const checksumsOf = (tracked: readonly TrackedConfig[]): NonNullable<Checksums> =>
  Object.fromEntries(tracked.map(({ reference, checksum }) => [configKey(reference), checksum]));

/** The keys of what has a copy: none where configs are not tracked. */
export const copiedOf = (checksums: Checksums): CopiedConfigs => new Set(Object.keys(checksums ?? {}));

/** Objects whose checksums are remembered; beyond that the ones that were hashed first are hashed again. */
const mostRemembered = 200_000;

/** What was found when an object was last hashed; without a checksum it is not tracked. */
interface Known {
  readonly version: string;
  readonly checksum: string | undefined;
}

export function createConfigTracker(client: ConfigClient): ConfigTracker {
  const memory = createMemory();
  const checksumOf = async (step: StepContext, reference: ConfigReference): Promise<string | undefined> => {
    const now = await read({ client, step, reference, metadataOnly: true });
    if (now === undefined) return undefined;
    const before = memory.of(now);
    if (before !== undefined) return before.checksum;
    const object = await read({ client, step, reference, metadataOnly: false });
    return object === undefined ? undefined : memory.remember(object);
  };
  const readOne = async (step: StepContext, reference: ConfigReference): Promise<readonly TrackedConfig[]> => {
    const object = await read({ client, step, reference, metadataOnly: false });
    const checksum = object === undefined ? undefined : memory.remember(object);
    return object === undefined || checksum === undefined ? [] : [{ reference, object, checksum }];
  };
  return {
    checksums: async (step, template) => {
      const found = await Promise.all(
        configReferences(template).map(async (reference) => [configKey(reference), await checksumOf(step, reference)]),
      );
      return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
    },
    hasCopies: async (step, checksums = {}) => {
      const found = await Promise.all(
        Object.entries(checksums).map(async ([key, checksum]) => {
          const { kind, name } = configOf(key);
          return (await checksumOf(step, { kind, name: copyName(name), optional: true })) === checksum;
        }),
      );
      return found.every(Boolean);
    },
    remember: (object) => {
      memory.remember(object);
    },
    read: async (step, template) =>
      (await Promise.all(configReferences(template).map((reference) => readOne(step, reference)))).flat(),
  };
}

/** What the objects had for checksums when they were last hashed, by their versions. */
function createMemory() {
  const known = new Map<string, Known>();
  return {
    /** Undefined when the object is new, or has changed since. */
    of: ({ metadata }: KubernetesObject): Known | undefined => {
      const before = known.get(metadata.uid ?? '');
      return before?.version === metadata.resourceVersion ? before : undefined;
    },
    remember: (object: KubernetesObject): string | undefined => {
      const checksum = isTracked(object) ? configChecksum(object) : undefined;
      const uid = object.metadata.uid ?? '';
      known.delete(uid);
      known.set(uid, { version: object.metadata.resourceVersion ?? '', checksum });
      const [oldest] = known.keys();
      if (known.size > mostRemembered && oldest !== undefined) known.delete(oldest);
      return checksum;
    },
  };
}

interface Reading {
  readonly client: ConfigClient;
  readonly step: StepContext;
  readonly reference: ConfigReference;
  readonly metadataOnly: boolean;
}

/** Undefined for an optional object that is missing. */
async function read({ client, step, reference, metadataOnly }: Reading): Promise<KubernetesObject | undefined> {
  const { namespace } = step.canary;
  const { kind, name, optional } = reference;
  try {
    const { signal, seen } = step;
    const options = { signal, metadataOnly, notBefore: seen?.notBefore };
    const object = await client.get(configResources[kind], { namespace, name }, options);
    seen?.note(configResources[kind], object);
    return object;
  } catch (error) {
    if (!isKubernetesError(error, 'notFound')) throw error;
    if (optional) return undefined;
    throw new AdapterError('notFound', `${kind} ${name}.${namespace} get query error: there is no such object`);
  }
}

const optOut = 'flagger.app/config-tracking';

/** Other types of Secrets belong to somebody: service accounts, registries, Helm. */
const secretTypes: ReadonlySet<string> = new Set([
  'Opaque',
  'kubernetes.io/basic-auth',
  'kubernetes.io/ssh-auth',
  'kubernetes.io/tls',
]);

function isTracked(object: KubernetesObject): boolean {
  if (object.metadata.annotations?.[optOut]?.startsWith('disable') === true) return false;
  return object.kind !== secrets.kind || secretTypes.has(stringAt(object, 'type') ?? 'Opaque');
}
