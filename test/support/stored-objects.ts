/** The Kubernetes client on an API server that holds a few objects to be read. */
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { clientOn } from './client-on.ts';
import { failure, json, startFakeApiServer } from './fake-api-server.ts';

export interface StoredObjects {
  readonly client: KubernetesClient;
  /** By path, as `/api/v1/namespaces/test/secrets/a`; a number is a status to fail with. May be changed at any time. */
  readonly objects: Record<string, object | number>;
  /** Paths that were asked for. */
  readonly asked: () => string[];
  /** The API server goes away, the client stays. */
  stopServer(): Promise<void>;
  close(): Promise<void>;
}

export async function startStoredObjects(objects: Record<string, object | number> = {}): Promise<StoredObjects> {
  const server = await startFakeApiServer();
  server.answerWith(({ path }) => {
    const found = objects[path];
    if (found === undefined) return failure(404, 'NotFound', `${path.slice(path.lastIndexOf('/') + 1)} not found`);
    return typeof found === 'number' ? failure(found, 'Forbidden') : json(found);
  });
  const client = clientOn(server);
  return {
    client,
    objects,
    asked: () => server.requests.map(({ path }) => path),
    stopServer: () => server.close(),
    close: async () => {
      await client.close();
      await server.close();
    },
  };
}

export const secretPath = (namespace: string, name: string): string =>
  `/api/v1/namespaces/${namespace}/secrets/${name}`;

/** A Secret as the API server gives it. */
export const aSecret = (values: Record<string, string>): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'any' },
  data: Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]),
  ),
});

/** An object of group `flagger.app` as the API server gives it. */
export const aFlaggerObject = (kind: string, spec: object): object => ({
  apiVersion: 'flagger.app/v1beta1',
  kind,
  metadata: { name: 'any' },
  spec,
});
