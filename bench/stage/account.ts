/** An account for scheduler and workers, as a pod has one: a token and the authority of the API server, in files. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { parse } from 'yaml';
import { parseJson, stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import { resource } from '../../platform/kubernetes/resources.ts';
import type { LightCluster } from '../../sandbox/light.ts';

/** What Kubernetes and the manifests set in a pod. */
export interface Account {
  readonly KUBERNETES_SERVICE_HOST: string;
  readonly KUBERNETES_SERVICE_PORT: string;
  readonly KUBERNETES_ACCOUNT_DIR: string;
}

const namespace = 'default';
const name = 'aviary';
/** Longer than any run. */
const tokenSeconds = 172_800;

const core = { group: '', version: 'v1', namespaced: true };
const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1', namespaced: false };
const serviceAccounts = resource({ ...core, plural: 'serviceaccounts', kind: 'ServiceAccount' });
const clusterRoleBindings = resource({ ...rbac, plural: 'clusterrolebindings', kind: 'ClusterRoleBinding' });

/** @throws Error when the API server gives no token */
export async function createAccount(client: KubernetesClient, light: LightCluster): Promise<Account> {
  const metadata = { namespace, name };
  await client.create(serviceAccounts, { apiVersion: 'v1', kind: 'ServiceAccount', metadata });
  await client.create(clusterRoleBindings, {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'ServiceAccount', namespace, name }],
  });
  const keys = await keysOf(light);
  const token = await requestToken(light.apiUrl, keys);
  const directory = join(light.directory, 'account');
  await mkdir(directory, { recursive: true });
  await Promise.all([writeFile(join(directory, 'token'), token), writeFile(join(directory, 'ca.crt'), keys.ca)]);
  const { hostname, port } = new URL(light.apiUrl);
  return { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, KUBERNETES_ACCOUNT_DIR: directory };
}

interface Keys {
  readonly ca: Buffer;
  readonly cert: Buffer;
  readonly key: Buffer;
}

async function keysOf({ kubeconfigPath }: LightCluster): Promise<Keys> {
  const config: unknown = parse(await readFile(kubeconfigPath, 'utf8'));
  const read = (...path: readonly (string | number)[]): Buffer =>
    Buffer.from(stringAt(config, ...path) ?? '', 'base64');
  return {
    ca: read('clusters', 0, 'cluster', 'certificate-authority-data'),
    cert: read('users', 0, 'user', 'client-certificate-data'),
    key: read('users', 0, 'user', 'client-key-data'),
  };
}

/** A token is created under an account, which no other kind of object is: the client has no word for it. */
async function requestToken(apiUrl: string, keys: Keys): Promise<string> {
  const agent = new Agent({ connect: { ...keys } });
  try {
    const { statusCode, body } = await request(
      `${apiUrl}/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`,
      {
        method: 'POST',
        dispatcher: agent,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: { expirationSeconds: tokenSeconds },
        }),
      },
    );
    const answer = await body.text();
    const token = stringAt(parseJson(answer), 'status', 'token');
    if (token !== undefined) return token;
    throw new Error(`token of ${namespace}/${name}: expected one from the API server, got ${statusCode} ${answer}`);
  } finally {
    await agent.close();
  }
}
