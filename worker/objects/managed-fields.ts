/**
 * Who owns which field of an object, as the API server records it in `metadata.managedFields`.
 *
 * A tree of steps: `f:spec` is a field, `k:{"name":"web"}` the list item with that key, `.` the item itself. A step
 * with nothing below it is owned as a whole. Server-side apply removes a field only when its last owner stops applying
 * it, so whoever wants a list to hold exactly its own items has to own the others first.
 */
import { isRecord, recordAt } from '../../platform/json.ts';
import { fieldManager } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject, ManagedFields } from '../../platform/kubernetes/object.ts';

export interface FieldTree {
  readonly [step: string]: FieldTree;
}

/** Steps from the root of an object, as `['f:spec', 'f:template']`. */
export type FieldPath = readonly string[];

/** What changes hands before an apply. */
export interface Transfer {
  /** Fields that become ours, whoever owned them. */
  readonly claims?: readonly FieldPath[];
  /** Fields that stop being ours and keep their value. */
  readonly releases?: readonly FieldPath[];
}

/** The step that leads to the item of a keyed list; the API server writes the keys in alphabetical order. */
export const itemStep = (keys: Readonly<Record<string, string | number>>): string =>
  `k:${JSON.stringify(Object.fromEntries(Object.entries(keys).toSorted(([a], [b]) => (a < b ? -1 : 1))))}`;

/** The fields that our manager applied; undefined when it never applied the object. */
export const ownedFields = (object: KubernetesObject): FieldTree | undefined => {
  const entry = object.metadata.managedFields?.find(isOwnEntry);
  return entry === undefined ? undefined : treeOf(entry);
};

/**
 * The object's `managedFields` after the transfer; undefined when they are so already.
 * Fields written through a subresource (status, scale) or another API version stay where they are.
 */
export function transferFields(object: KubernetesObject, transfer: Transfer): ManagedFields[] | undefined {
  const before = object.metadata.managedFields ?? [];
  let entries = [...before];
  for (const path of transfer.claims ?? []) entries = claim(entries, path, object.apiVersion);
  for (const path of transfer.releases ?? [])
    entries = entries.map((entry) => (isOwnEntry(entry) ? without(entry, path) : entry));
  const isSame = entries.length === before.length && entries.every((entry, index) => entry === before[index]);
  return isSame ? undefined : entries.filter((entry) => Object.keys(treeOf(entry)).length > 0);
}

/** What server-side apply has recorded for us. */
export const isOwnEntry = (entry: ManagedFields): boolean =>
  entry.manager === fieldManager && entry.operation === 'Apply' && entry.subresource === undefined;

// The API server only sends trees of objects here.
const treeOf = (entry: ManagedFields): FieldTree => (recordAt(entry, 'fieldsV1') ?? {}) as FieldTree;

const withTree = (entry: ManagedFields, tree: FieldTree): ManagedFields => ({ ...entry, fieldsV1: tree });

function claim(entries: readonly ManagedFields[], path: FieldPath, apiVersion: string): ManagedFields[] {
  let claimed: FieldTree = {};
  const rest = entries.map((entry) => {
    const isClaimable = !isOwnEntry(entry) && entry.subresource === undefined && entry['apiVersion'] === apiVersion;
    const part = isClaimable ? subtree(treeOf(entry), path) : undefined;
    if (part === undefined) return entry;
    claimed = union(claimed, nest(path, part));
    return without(entry, path);
  });
  if (Object.keys(claimed).length === 0) return rest;
  if (rest.some(isOwnEntry)) {
    return rest.map((entry) => (isOwnEntry(entry) ? withTree(entry, union(treeOf(entry), claimed)) : entry));
  }
  return [
    ...rest,
    { manager: fieldManager, operation: 'Apply', apiVersion, fieldsType: 'FieldsV1', fieldsV1: claimed },
  ];
}

function without(entry: ManagedFields, path: FieldPath): ManagedFields {
  const tree = treeOf(entry);
  return subtree(tree, path) === undefined ? entry : withTree(entry, prune(tree, path));
}

function subtree(tree: FieldTree, path: FieldPath): FieldTree | undefined {
  let at: FieldTree | undefined = tree;
  for (const step of path) at = at?.[step];
  return at;
}

const nest = (path: FieldPath, leaf: FieldTree): FieldTree =>
  path.reduceRight<FieldTree>((inner, step) => ({ [step]: inner }), leaf);

function union(a: FieldTree, b: FieldTree): FieldTree {
  const merged: Record<string, FieldTree> = { ...a };
  for (const [step, below] of Object.entries(b)) {
    const ours = merged[step];
    merged[step] = isRecord(ours) ? union(ours, below) : below;
  }
  return merged;
}

/** Removes a path, and with it every step above that is left empty: an empty one would mean the whole field. */
function prune(tree: FieldTree, [step, ...rest]: FieldPath): FieldTree {
  if (step === undefined) return {};
  const { [step]: below, ...others } = tree;
  if (below === undefined) return tree;
  const kept = rest.length === 0 ? {} : prune(below, rest);
  return Object.keys(kept).length === 0 ? others : { ...others, [step]: kept };
}
