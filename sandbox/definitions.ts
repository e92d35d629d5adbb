/** The definitions that an API server needs to run canaries on a mesh: Aviary's own and those of the mesh. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import { isKubernetesError } from '../platform/kubernetes/error.ts';
import type { KubernetesObject } from '../platform/kubernetes/object.ts';
import {
  alertProviders,
  canaries,
  customResourceDefinitions,
  meshHttpRoutes,
  metricTemplates,
  trafficRoutes,
} from '../platform/kubernetes/resources.ts';
import { projectDirectory } from './environment.ts';
import { meshDefinitions } from './mesh/crds.ts';
import { waitFor } from './wait.ts';

const own = ['canary', 'metrictemplate', 'alertprovider'];
const served = [canaries, metricTemplates, alertProviders, meshHttpRoutes, trafficRoutes];

/** Resolves when the API server answers for all of them. */
export async function installDefinitions(client: KubernetesClient): Promise<void> {
  const definitions = [...(await Promise.all(own.map(ownDefinition))), ...meshDefinitions()];
  await Promise.all(definitions.map((definition) => client.create(customResourceDefinitions, definition)));
  await waitFor({
    what: 'the definitions to be served',
    seconds: 30,
    look: async () => {
      try {
        await Promise.all(served.map((resource) => client.list(resource)));
        return true;
      } catch (error) {
        if (isKubernetesError(error, 'notFound')) return undefined;
        throw error;
      }
    },
  });
}

const ownDefinition = async (name: string): Promise<KubernetesObject> =>
  parse(await readFile(join(projectDirectory, 'manifests', 'crds', `${name}.yaml`), 'utf8')) as KubernetesObject;
