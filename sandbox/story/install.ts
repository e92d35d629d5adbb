/** Puts the story's cast into a node: the data plane, Aviary as its users install it, Prometheus, load tester, receiver. */
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { SandboxNode } from '../node/sandbox-node.ts';
import type { DataPlane, StoryImages } from './data-plane.ts';
import { parseObjects, readManifest, withImages } from './example.ts';
import { prometheus, slackReceiver, storyNamespace, storySecrets, systemNamespace } from './objects.ts';
import type { StoryGround } from './running-story.ts';

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

const sandboxFlags = ['--force-conflicts', '--field-manager=sandbox'] as const;

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
  await tick(node);
}

async function applyDefinitions({ node, plane, root }: Installation): Promise<void> {
  await applyAndEstablish(node, [...(await aviaryDefinitions(root)), ...(await plane.definitions())]);
}

/** The kinds that Aviary adds to a cluster. */
export async function aviaryDefinitions(root: string): Promise<KubernetesObject[]> {
  const crds = ['canary', 'metrictemplate', 'alertprovider'].map((name) => readManifest(root, `crds/${name}.yaml`));
  return (await Promise.all(crds)).flat();
}

/** Applies definitions of kinds and waits until the API server serves them. */
export async function applyAndEstablish(
  ground: StoryGround,
  definitions: readonly KubernetesObject[],
  flags: readonly string[] = sandboxFlags,
): Promise<void> {
  await apply(ground, definitions, flags);
  const names = definitions
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
    .map(({ metadata }) => `crd/${metadata.name}`);
  await ground.kubectl(['wait', '--for=condition=Established', '--timeout=60s', ...names], { seconds: 90 });
}

async function aviaryObjects({ node, root, images, boardToken }: Installation): Promise<KubernetesObject[]> {
  const { namespaces, others } = await renderAviary({ ground: node, root, images: imagesByName(images.aviary) });
  return [...namespaces, ...storySecrets(boardToken), ...others];
}

export interface Rendering {
  readonly ground: StoryGround;
  readonly root: string;
  /** What stands for published images, by name without tag. */
  readonly images: Readonly<Record<string, string>>;
}

/** The kustomization as it stands, with other images, and a second scheduler that stays. */
export async function renderAviary({ ground, root, images }: Rendering): Promise<{
  readonly namespaces: readonly KubernetesObject[];
  readonly others: readonly KubernetesObject[];
}> {
  const rendered = parseObjects(await ground.kubectl(['kustomize', join(root, 'manifests')]));
  const resident = (await readManifest(root, 'resident/scheduler.yaml')).map((object) => ({
    ...object,
    spec: { ...(object['spec'] as object), replicas: 1 },
  }));
  const isNamespace = ({ kind }: KubernetesObject): boolean => kind === 'Namespace';
  return {
    namespaces: rendered.filter(isNamespace),
    others: [...rendered.filter((object) => !isNamespace(object)), ...resident].map((object) =>
      withImages(object, images),
    ),
  };
}

/** The story's namespace, whose pods the mesh takes in. */
export const testNamespace: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: storyNamespace, labels: { 'kuma.io/sidecar-injection': 'enabled' } },
};

/** The load tester in the story's namespace, with other images. */
export async function readLoadTester(
  root: string,
  known: Readonly<Record<string, string>>,
): Promise<KubernetesObject[]> {
  const objects = await readManifest(root, 'loadtester.yaml');
  return objects.map((object) =>
    withImages({ ...object, metadata: { ...object.metadata, namespace: storyNamespace } }, known),
  );
}

async function loadTesterObjects({ root, plane, images }: Installation): Promise<KubernetesObject[]> {
  const objects = (await readLoadTester(root, imagesByName(images.aviary))).map((object) =>
    object.kind === 'Deployment' ? plane.loadTester(object, images) : object,
  );
  return [testNamespace, ...objects, ...plane.storefront(images)];
}

/** Creates a Job of the scheduler at once: the CronJob's first tick may be a minute away. */
export async function tick(ground: StoryGround): Promise<void> {
  const name = `tick-${systemClock.now()}`;
  await ground.kubectl(['-n', systemNamespace, 'create', 'job', '--from=cronjob/aviary-scheduler', name]);
}

async function waitForDeployments({ node, plane, images }: Installation): Promise<void> {
  const own = ['aviary-worker', 'aviary-scheduler', 'aviary-board', 'prometheus', 'slack-receiver'];
  const wanted = [
    ...plane.deployments,
    ...own.map((name) => ({ namespace: systemNamespace, name })),
    { namespace: storyNamespace, name: 'flagger-loadtester' },
    ...plane
      .storefront(images)
      .filter(({ kind }) => kind === 'Deployment')
      .map(({ metadata }) => ({ namespace: storyNamespace, name: metadata.name })),
  ];
  for (const { namespace, name } of wanted) {
    await node.kubectl(['-n', namespace, 'rollout', 'status', `deployment/${name}`, '--timeout=120s'], {
      seconds: 130,
    });
  }
}

/** Server-side apply, so that a second run takes nothing away from other owners. @param flags of `kubectl apply` */
export async function apply(
  ground: StoryGround,
  objects: readonly KubernetesObject[],
  flags: readonly string[] = sandboxFlags,
): Promise<void> {
  const stdin = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await ground.kubectl(['apply', '--server-side', ...flags, '-f', '-'], { stdin, seconds: 120 });
}
