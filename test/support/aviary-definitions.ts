/** Our own definitions, from their manifests, on an API server; and what it says to an object. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { isKubernetesError } from '../../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { install } from './definitions.ts';

const crds = new URL('../../../manifests/crds/', import.meta.url);

export const aviaryDefinition = async (
  name: 'canary' | 'metrictemplate' | 'alertprovider',
): Promise<KubernetesObject> => parse(await readFile(new URL(`${name}.yaml`, crds), 'utf8')) as KubernetesObject;

export async function installAviaryDefinitions(client: KubernetesClient): Promise<void> {
  for (const name of ['canary', 'metrictemplate', 'alertprovider'] as const) {
    await install(client, await aviaryDefinition(name));
  }
}

/** The object as the API server keeps it, or what it says against it. */
export async function stored(
  client: KubernetesClient,
  resource: Resource,
  object: KubernetesObject,
): Promise<KubernetesObject | string> {
  try {
    const { name, namespace = 'test' } = object.metadata;
    return await client.create(resource, { ...object, metadata: { name, namespace } });
  } catch (error) {
    if (isKubernetesError(error, 'invalid')) return error.message;
    throw error;
  }
}

/** What the API server says against an object; a text that says otherwise if it took it. */
export const complaint = (answer: KubernetesObject | string): string =>
  typeof answer === 'string' ? answer : `taken: ${JSON.stringify(answer)}`;
