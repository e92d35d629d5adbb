/** Puts the story's cast into a node: the data plane, Aviary as its users install it, Prometheus, load tester, receiver. */
import { join } from 'node:path';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import type { SandboxNode } from '../node/sandbox-node.ts';
import type { DataPlane, StoryImages } from './data-plane.ts';
import { parseObjects, readManifest, withImages } from './example.ts';
import { prometheus, slackReceiver, storyNamespace, storySecrets, systemNamespace } from './objects.ts';

export interface Installation {
  readonly node: SandboxNode;
  readonly plane: DataPlane;
  /** Where manifests/ lies. */
  readonly root: string;
  readonly images: StoryImages;
  readonly boardToken: string;
  /** Between two scrapes of Prometheus, as `1s`. */
  readonly scrapeInterval: string;
  readonly say: (line: string) => void;
}

/** Published images and what stands for them in the sandbox. */
export const imagesByName = (aviary: string): Readonly<Record<string, string>> => ({
  aviary,
  redis: 'sandbox.local/redis:1',
  'ghcr.io/stefanprodan/podinfo': 'sandbox.local/podinfo:6.9.2',
});

/** Installs everything and waits until it is available. Repeating it changes nothing. */
export async function install(installation: Installation): Promise<void> {
  const { node, plane, images, say } = installation;
  await applyDefinitions(installation);
  await apply(node, await aviaryObjects(installation));
  await apply(node, plane.objects(images));
  await apply(node, [
    ...prometheus('sandbox.local/prometheus:1', plane.scrapeJobs(installation.scrapeInterval)),
    ...slackReceiver(images.programs),
    ...(await loadTesterObjects(installation)),
  ]);
  say('Aviary, Prometheus, load tester and receiver applied; waiting for their pods');
  await waitForDeployments(installation);
  // The CronJob's first tick may be a minute away.
  await node.kubectl(['-n', systemNamespace, 'create', 'job', '--from=cronjob/aviary-scheduler', `tick-${Date.now()}`]);
}

async function applyDefinitions({ node, plane, root }: Installation): Promise<void> {
  const crds = ['canary', 'metrictemplate', 'alertprovider'].map((name) => readManifest(root, `crds/${name}.yaml`));
  const definitions = [...(await Promise.all(crds)).flat(), ...(await plane.definitions())];
  await apply(node, definitions);
  const names = definitions
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map(({ metadata }) => `crd/${metadata.name}`);
  await node.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...names], { seconds: 90 });
}

/** The kustomization as it stands, with images of the sandbox, and a second scheduler that stays. */
async function aviaryObjects({ node, root, images, boardToken }: Installation): Promise<KubernetesObject[]> {
  const rendered = parseObjects(await node.kubectl(['kustomize', join(root, 'manifests')]));
  const resident = (await readManifest(root, 'scheduler-resident.yaml')).map((object) => ({
    ...object,
    spec: { ...(object['spec'] as object), replicas: 1 },
  }));
  const known = imagesByName(images.aviary);
  const namespaces = rendered.filter(({ kind }) => kind === 'Namespace');
  const others = [...rendered, ...resident].filter(({ kind }) => kind !== 'Namespace');
  return [...namespaces, ...storySecrets(boardToken), ...others.map((object) => withImages(object, known))];
}

async function loadTesterObjects({ root, plane, images }: Installation): Promise<KubernetesObject[]> {
  const namespace: KubernetesObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: storyNamespace, labels: { 'kuma.io/sidecar-injection': 'enabled' } },
  };
  const objects = (await readManifest(root, 'loadtester.yaml')).map((object) => {
    const placed = { ...object, metadata: { ...object.metadata, namespace: storyNamespace } };
    const local = withImages(placed, imagesByName(images.aviary));
    return local.kind === 'Deployment' ? plane.loadTester(local, images) : local;
  });
  return [namespace, ...objects, ...plane.storefront(images)];
}

async function waitForDeployments({ node, plane }: Installation): Promise<void> {
  const own = ['aviary-worker', 'aviary-scheduler', 'aviary-board', 'prometheus', 'slack-receiver'];
  const wanted = [
    ...plane.deployments,
    ...own.map((name) => ({ namespace: systemNamespace, name })),
    { namespace: storyNamespace, name: 'flagger-loadtester' },
  ];
  for (const { namespace, name } of wanted) {
    await node.kubectl(['-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=120s'], {
      seconds: 130,
    });
  }
}

/** Server-side apply, so that a second run takes nothing away from other owners. */
export async function apply(node: SandboxNode, objects: readonly KubernetesObject[]): Promise<void> {
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await node.kubectl(['apply', '--server-side', '--force-conflicts', '--field-manager=sandbox', '-f', '-'], {
    stdin,
    seconds: 120,
  });
}
