import { KubernetesError } from './error.ts';
import { type ObjectName, nameOf } from './object.ts';
import type { Resource } from './resources.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/apis/apps/v1/namespaces/test/deployments`, or of all namespaces. */
export function collectionPath(resource: Resource, namespace?: string): string {
  const { group, version, plural } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope = resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${plural}`;
}

/** Path of one object. Throws KubernetesError `invalid` when the name cannot name one. */
export function objectPath(resource: Resource, name: ObjectName): string {
  if (name.name === '') throw unnamed(resource, name, 'a name that is not empty');
  if (resource.namespaced && !name.namespace) throw unnamed(resource, name, 'a namespace');
  return `${collectionPath(resource, name.namespace)}/${encodeURIComponent(name.name)}`;
}

/** Where a new object is posted to. */
export function creationPath(resource: Resource, name: ObjectName): string {
  if (resource.namespaced && !name.namespace) throw unnamed(resource, name, 'a namespace');
  return collectionPath(resource, name.namespace);
}

/** `?a=1&b=x` without the undefined ones; '' when none is left. */
export function queryText(query: Query): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  return parameters.size === 0 ? '' : `?${parameters.toString()}`;
}

/** `deployments.apps`, `services`: the label under which requests are counted. */
export const resourceLabel = ({ group, plural }: Resource): string => (group === '' ? plural : `${plural}.${group}`);

const unnamed = (resource: Resource, name: ObjectName, expected: string): KubernetesError =>
  new KubernetesError({
    kind: 'invalid',
    action: `address ${resource.kind} ${nameOf(name)}`,
    detail: `expected ${expected}, got none; nothing was sent`,
  });
