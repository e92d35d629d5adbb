/** An object as the API server sends it: plain JSON, unknown fields kept, timestamps as text. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
  [field: string]: unknown;
}

export interface ObjectMeta {
  name: string;
  /** Absent on cluster-scoped objects. */
  namespace?: string;
  uid?: string;
  /** Opaque; a write that carries it fails with `conflict` when the object has moved on. */
  resourceVersion?: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  ownerReferences?: OwnerReference[];
  /** RFC 3339. */
  creationTimestamp?: string;
  /** RFC 3339. Set: the object is being deleted and waits for its finalizers. */
  deletionTimestamp?: string;
  finalizers?: string[];
  managedFields?: ManagedFields[];
}

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ManagedFields {
  manager: string;
  operation: 'Apply' | 'Update';
  subresource?: string;
  [field: string]: unknown;
}

/** Names one object of a resource. `namespace` is required for namespaced resources. */
export interface ObjectName {
  namespace?: string | undefined;
  name: string;
}

/** What we send: metadata may lack everything but the name. */
export type ObjectToWrite = KubernetesObject;

/** `shop/podinfo`, or `podinfo` for a cluster-scoped object: for messages and as a map key. */
export const nameOf = ({ namespace, name }: ObjectName): string =>
  namespace === undefined ? name : `${namespace}/${name}`;
