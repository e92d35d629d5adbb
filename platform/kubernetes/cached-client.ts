/**
 * A client that answers reads from watches. Each kind is watched from its first read on; whatever the watch cannot
 * answer for certain is asked of the API server, as without it.
 */
import type { DeleteOptions, GetOptions, KubernetesClient, WriteOptions } from './client.ts';
import { KubernetesError, isKubernetesError } from './error.ts';
import { type KubernetesObject, type ObjectName, nameOf } from './object.ts';
import { type Found, versionOf } from './object-store.ts';
import { createWitnessedClient } from './witnessed-client.ts';
import { noteRead } from './read-witness.ts';
import { resourceLabel } from './path.ts';
import {
  type ShareWatch,
  type WatchHealth,
  type WatchedKind,
  type WatchedKindsOptions,
  createWatchedKinds,
} from './watched-kinds.ts';
import type { Resource } from './resources.ts';

export interface CachedClientOptions extends WatchedKindsOptions {
  readonly client: KubernetesClient;
}

export interface CachedClient extends KubernetesClient {
  /** Those that have been begun. */
  watches(): readonly WatchHealth[];
  /** Lets somebody listen to the watch that answers reads. */
  shareWatch: ShareWatch;
  /** Ends the watches; from then on every read is a request. */
  stopWatches(): Promise<void>;
}

export function createCachedClient(options: CachedClientOptions): CachedClient {
  const client = createWitnessedClient(options.client);
  const kinds = createWatchedKinds(options);
  const put = (resource: Resource, object: KubernetesObject, write: Write): Promise<KubernetesObject> =>
    writeThrough(kinds.begun(resource, object.metadata.namespace), object.metadata, write);
  const patch = (resource: Resource, name: ObjectName, write: Write): Promise<KubernetesObject> =>
    writeThrough(kinds.begun(resource, name.namespace), name, write);
  return {
    ...client,
    get: (resource, name, how = {}) =>
      how.fresh === true
        ? readThrough(client, kinds.begun(resource, name.namespace), { resource, name, how })
        : readCached(client, kinds.begin(resource, name.namespace), { resource, name, how }),
    create: (resource, object, how) => put(resource, object, { how, send: () => client.create(resource, object, how) }),
    apply: (resource, object, how) => put(resource, object, { how, send: () => client.apply(resource, object, how) }),
    replaceStatus: (resource, object, how) =>
      put(resource, object, { how, send: () => client.replaceStatus(resource, object, how) }),
    mergePatch: (resource, name, how) =>
      patch(resource, name, { how, send: () => client.mergePatch(resource, name, how) }),
    jsonPatch: (resource, name, how) =>
      patch(resource, name, { how, send: () => client.jsonPatch(resource, name, how) }),
    patchStatus: (resource, name, how) =>
      patch(resource, name, { how, send: () => client.patchStatus(resource, name, how) }),
    delete: (resource, name, how) =>
      deleteThrough(() => kinds.begun(resource, name.namespace), name, {
        how,
        send: () => client.delete(resource, name, how),
      }),
    watches: kinds.health,
    shareWatch: kinds.share,
    stopWatches: kinds.stop,
  };
}

interface Reading {
  readonly resource: Resource;
  readonly name: ObjectName;
  readonly how: GetOptions;
}

async function readCached(
  client: KubernetesClient,
  kind: WatchedKind | undefined,
  reading: Reading,
): Promise<KubernetesObject> {
  const { resource, name, how } = reading;
  if (kind === undefined || (kind.part === 'metadata' && how.metadataOnly !== true)) {
    return client.get(resource, name, how);
  }
  await kind.begun(how.signal);
  const found: Found = kind.isCurrent()
    ? kind.store.find(name, how.notBefore?.get(resourceLabel(resource)))
    : { kind: 'unknown' };
  switch (found.kind) {
    case 'object':
      noteAnswer(kind, reading, versionOf(found.object));
      return found.object;
    case 'absent':
      noteAnswer(kind, reading, 0);
      throw notFound(resource, name);
    case 'unknown':
      return readThrough(client, kind, reading);
    default:
      return found satisfies never;
  }
}

const noteAnswer = (source: WatchedKind, { name, how }: Reading, version: number): void =>
  noteRead(how.signal, { source, key: nameOf(name), version });

/** Asks the API server, and remembers what it says. */
async function readThrough(
  client: KubernetesClient,
  kind: WatchedKind | undefined,
  { resource, name, how }: Reading,
): Promise<KubernetesObject> {
  if (kind === undefined) return client.get(resource, name, how);
  const { store, part } = kind;
  const mark = store.mark();
  try {
    const object = await client.get(resource, name, how);
    // What came without its content is no whole object.
    if (part === 'metadata' || how.metadataOnly !== true) store.saw(name, object, mark);
    return object;
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) store.saw(name, undefined, mark);
    throw error;
  }
}

/** The API server's own words, so that nobody can tell who has answered. */
const notFound = (resource: Resource, name: ObjectName): KubernetesError =>
  new KubernetesError({
    kind: 'notFound',
    action: `get ${resource.kind} ${nameOf(name)}`,
    detail: `404 NotFound: ${resourceLabel(resource)} "${name.name}" not found`,
    status: 404,
    reason: 'NotFound',
  });

interface Write {
  readonly how: WriteOptions | undefined;
  readonly send: () => Promise<KubernetesObject>;
}

async function writeThrough(
  kind: WatchedKind | undefined,
  name: ObjectName,
  { how, send }: Write,
): Promise<KubernetesObject> {
  if (kind === undefined || how?.dryRun === true) return send();
  try {
    const written = await send();
    kind.store.wrote(written);
    return written;
  } catch (error) {
    // What was known has led to a refusal; and a write whose answer was lost may have been carried out.
    kind.store.distrust(name);
    throw error;
  }
}

interface Deletion {
  readonly how: DeleteOptions | undefined;
  readonly send: () => Promise<void>;
}

/** @param kind as it is then: its watch may begin meanwhile, with a list in which the object still is */
async function deleteThrough(
  kind: () => WatchedKind | undefined,
  name: ObjectName,
  { how, send }: Deletion,
): Promise<void> {
  const version =
    how?.resourceVersion === undefined ? kind()?.store.versionAt(nameOf(name)) : Number(how.resourceVersion);
  try {
    await send();
    kind()?.store.ended(name, version);
  } catch (error) {
    if (isKubernetesError(error, 'notFound')) kind()?.store.ended(name, version);
    else kind()?.store.distrust(name, version);
    throw error;
  }
}
