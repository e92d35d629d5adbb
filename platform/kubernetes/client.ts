import type { KubernetesObject, ObjectName, ObjectToWrite } from './object.ts';
import type { Resource } from './resources.ts';

/** The name under which Aviary owns fields (server-side apply). */
export const fieldManager = 'aviary';

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Bound of the whole call, retries included. Default 10 000 ms. */
  timeoutMs?: number | undefined;
}

export interface Selection {
  /** Absent: all namespaces. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Ask for apiVersion, kind and metadata only: for Secrets and ConfigMaps whose content must not be held. */
  metadataOnly?: boolean | undefined;
}

export interface ListOptions extends Selection, CallOptions {
  /** Objects per page, default 500. `timeoutMs` bounds each page. */
  pageSize?: number | undefined;
}

export interface WatchOptions extends Selection {
  signal?: AbortSignal | undefined;
  /** Changes after this version are sent. */
  resourceVersion: string;
  /** The server ends the watch after this time. Default 300 s. */
  timeoutSeconds?: number | undefined;
  /** Bound for the answer's head to arrive. Default 10 000 ms. Silence later on is the caller's to judge. */
  timeoutMs?: number | undefined;
  /** Called when the server has accepted the watch. */
  onOpen?: (() => void) | undefined;
}

/** Versions by kind (`deployments.apps`): how far somebody is known to have seen each. */
export type SeenVersions = Pick<ReadonlyMap<string, number>, 'get'>;

export interface GetOptions extends CallOptions {
  metadataOnly?: boolean | undefined;
  /** Ask the API server whatever a cache knows. Default false. */
  fresh?: boolean | undefined;
  /** A cache that has not come so far may not answer. */
  notBefore?: SeenVersions | undefined;
}

export interface WriteOptions extends CallOptions {
  /** Validate and admit, but store nothing. */
  dryRun?: boolean | undefined;
  /** Who writes, as `managedFields` say it. Default: the client's. */
  fieldManager?: string | undefined;
}

export interface ApplyOptions extends WriteOptions {
  /** Take over fields that another manager owns. Default false: such a field gives `conflict`. */
  force?: boolean | undefined;
  /** Refuse with `conflict` when the object is no longer at this version. */
  resourceVersion?: string | undefined;
}

export interface PatchOptions extends WriteOptions {
  /** Refuse with `conflict` when the object is no longer at this version. */
  resourceVersion?: string | undefined;
}

export interface DeleteOptions extends CallOptions {
  /** Refuse with `conflict` when the object of that name is another one by now. */
  uid?: string | undefined;
  resourceVersion?: string | undefined;
  propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
}

export interface ObjectPage {
  items: KubernetesObject[];
  /** Version of the whole list: where a watch may begin. The same on all pages of one list. */
  resourceVersion: string;
}

export type WatchEvent =
  | { type: 'added' | 'modified' | 'deleted'; object: KubernetesObject }
  /** Nothing changed up to this version. */
  | { type: 'bookmark'; resourceVersion: string };

/**
 * The Kubernetes API. Every method fails with KubernetesError only. Requests share connections, are bounded in time, and are
 * repeated after 429 and 503 (Retry-After honoured, with jitter) and, where repeating is harmless, after connection failures.
 */
export interface KubernetesClient {
  /** Fails with `notFound`. */
  get(resource: Resource, name: ObjectName, options?: GetOptions): Promise<KubernetesObject>;
  /** All pages in one array. For more than a few hundred objects read `listPages`. */
  list(resource: Resource, options?: ListOptions): Promise<ObjectPage>;
  /** Page by page. Fails with `gone` when a continuation has expired: begin again. */
  listPages(resource: Resource, options?: ListOptions): AsyncGenerator<ObjectPage, void>;
  /** Fails with `alreadyExists`. */
  create(resource: Resource, object: ObjectToWrite, options?: WriteOptions): Promise<KubernetesObject>;
  /** Server-side apply of the fields given; creates the object when it is missing. */
  apply(resource: Resource, object: ObjectToWrite, options?: ApplyOptions): Promise<KubernetesObject>;
  /** JSON merge patch (RFC 7386): null removes a field, arrays are replaced whole. */
  mergePatch(resource: Resource, name: ObjectName, patch: MergePatch): Promise<KubernetesObject>;
  /** JSON Patch (RFC 6902), all of it or nothing. Fails with `conflict` when a `test` does not hold or a path is not there. */
  jsonPatch(resource: Resource, name: ObjectName, patch: JsonPatch): Promise<KubernetesObject>;
  /** PUT of /status. The object must carry `metadata.resourceVersion`; everything but `status` is ignored by the server. */
  replaceStatus(resource: Resource, object: ObjectToWrite, options?: WriteOptions): Promise<KubernetesObject>;
  /** JSON merge patch of /status. */
  patchStatus(resource: Resource, name: ObjectName, patch: MergePatch): Promise<KubernetesObject>;
  /** Resolves when the server has accepted the deletion. Fails with `notFound`. */
  delete(resource: Resource, name: ObjectName, options?: DeleteOptions): Promise<void>;
  /** Changes until the server ends the watch (returns), the signal fires (`aborted`) or something breaks (throws). One try, no retries. */
  watch(resource: Resource, options: WatchOptions): AsyncGenerator<WatchEvent, void>;
  /** GET of any path of the API server, as text: `/readyz`, `/version`, `/apis/kuma.io/v1alpha1`. */
  getPath(path: string, options?: CallOptions): Promise<string>;
  /** Ends idle connections and refuses new requests; running requests may finish. */
  close(): Promise<void>;
}

export interface MergePatch extends PatchOptions {
  /** The fields to change, as `{ spec: { replicas: 0 } }`. */
  patch: Record<string, unknown>;
}

/** Paths are JSON Pointers (RFC 6901), as `/spec/replicas`. `add` takes the place of what is there. */
export type JsonPatchOperation =
  | { readonly op: 'test' | 'add'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

export interface JsonPatch extends WriteOptions {
  operations: readonly JsonPatchOperation[];
}

/** What one request cost; told once per attempt. */
export interface RequestObservation {
  verb: KubernetesVerb;
  /** Plural with group, as `deployments.apps`; `path` for `getPath`. */
  resource: string;
  /** HTTP status, or what went wrong before one arrived. */
  code: number | 'timeout' | 'aborted' | 'network';
  durationMs: number;
}

export type KubernetesVerb = 'get' | 'list' | 'watch' | 'create' | 'apply' | 'patch' | 'replace' | 'delete';

export type RequestObserver = (observation: RequestObservation) => void;
