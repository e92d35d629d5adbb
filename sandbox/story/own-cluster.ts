/** The story in a cluster that is already there, by the user's own kubectl: nothing of it is ours but what is applied. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { arrayAt, recordAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { Progress } from '../progress.ts';
import { runOrThrow } from '../run.ts';
import { readExample, readManifest } from './example.ts';
import type { Shortening } from './example.ts';
import {
  apply,
  applyAndEstablish,
  aviaryDefinitions,
  readLoadTester,
  renderAviary,
  testNamespace,
  tick,
} from './install.ts';
import { boardSecret, storyNamespace, systemNamespace } from './objects.ts';
import { podTroubles, waitForRollouts } from './pods.ts';
import { canaryEventsSelector, eventsOf, valueOf } from './readings.ts';
import type { RunningStory, StoryGround } from './running-story.ts';

export interface OwnClusterOptions {
  readonly kubeconfig: string;
  /** Aviary's image as the cluster's nodes can pull it. */
  readonly image: string;
  /** Address of Prometheus as the workers reach it; absent: the one of manifests/settings.yaml. */
  readonly metricsServer: string | undefined;
  /** Absent: the example's own times. */
  readonly shortening: Shortening | undefined;
  readonly root: string;
  readonly progress: Progress;
}

/** Unlike on the sandbox's node nothing is forced: a field that somebody else owns is a conflict, which kubectl names. */
const flags = ['--field-manager=aviary-demo'] as const;
const namespaces = [storyNamespace, systemNamespace] as const;

/** What a Prometheus that scrapes every 15 s can measure. */
export const ownShortStory: Shortening = { interval: '15s', stepWeight: 10, window: '1m', load: '1m' };

/** The cluster of a kubeconfig's current context. @throws Error when there is no such file */
export function openGround(kubeconfig: string): StoryGround {
  if (!existsSync(kubeconfig)) throw new Error(`--kubeconfig: expected a file, found none at '${kubeconfig}'`);
  return {
    kubectl: (args, input = {}) => runOrThrow({ argv: ['kubectl', '--kubeconfig', kubeconfig, ...args], ...input }),
  };
}

/** Address of Prometheus in manifests/settings.yaml. */
export async function defaultMetricsServer(root: string): Promise<string> {
  const [settings] = await readManifest(root, 'settings.yaml');
  const address = recordAt(settings, 'data')?.['METRICS_SERVER'];
  if (typeof address === 'string') return address;
  throw new Error('manifests/settings.yaml: expected METRICS_SERVER as text, got none');
}

/**
 * Says no before anything is changed.
 * @throws Error when kubectl or the cluster does not answer, has no mesh of Kuma, or still holds an earlier story
 */
export async function requireReady(ground: StoryGround): Promise<void> {
  const look = async (args: readonly string[]): Promise<string> =>
    (
      await ground.kubectl([...args, '--ignore-not-found', '-o', 'name', '--request-timeout=10s'], { seconds: 30 })
    ).trim();
  const routes = await look(['get', 'crd', 'meshhttproutes.kuma.io', 'trafficroutes.kuma.io']);
  if (routes === '') {
    throw new Error(
      'the cluster: expected Kuma (a definition of MeshHTTPRoute or TrafficRoute), found none. ' +
        'What would help: kumactl install control-plane | kubectl apply -f -',
    );
  }
  const earlier = await look(['-n', storyNamespace, 'get', 'deployment', 'podinfo']);
  if (earlier !== '') {
    throw new Error(`namespace ${storyNamespace}: expected no podinfo yet, found one; remove it first:\n${removal}`);
  }
}

/** Commands that take the story away again. */
export const removal = `    kubectl -n ${storyNamespace} delete --ignore-not-found canary/podinfo hpa/podinfo deployment/podinfo
    kubectl -n ${storyNamespace} delete deployment/flagger-loadtester service/flagger-loadtester
    kubectl delete -k manifests          Aviary, with the definition of Canary and so every Canary of the cluster
    kubectl delete namespace ${storyNamespace}        if nothing of your own is in it`;

/** Installs Aviary and the load tester. @throws Error with the pods' reasons when they do not become available in time */
export async function installInto(ground: StoryGround, options: OwnClusterOptions): Promise<void> {
  const { root, image, progress } = options;
  const images = { aviary: image };
  await applyAndEstablish(ground, await aviaryDefinitions(root), flags);
  const { namespaces: created, others } = await renderAviary({ ground, root, images });
  await apply(ground, [...created, testNamespace], flags);
  await createBoardSecret(ground);
  await apply(
    ground,
    others.map((object) => withMetricsServer(object, options.metricsServer)),
    flags,
  );
  await apply(ground, await readLoadTester(root, images), flags);
  progress.say('Aviary and the load tester are applied');
  const aviary = ['aviary-worker', 'aviary-scheduler', 'aviary-board'];
  await waitForRollouts(ground, {
    workloads: [
      { kind: 'statefulset', namespace: systemNamespace, name: 'aviary-redis' },
      ...aviary.map((name) => ({ kind: 'deployment' as const, namespace: systemNamespace, name })),
      { kind: 'deployment', namespace: storyNamespace, name: 'flagger-loadtester' },
    ],
    seconds: 180,
    say: (line) => progress.say(line),
  });
  await tick(ground);
}

/** A password of the board that is there already stays. */
async function createBoardSecret(ground: StoryGround): Promise<void> {
  const name = 'aviary-board';
  const args = ['-n', systemNamespace, 'get', 'secret', name, '--ignore-not-found', '-o', 'name'];
  if ((await ground.kubectl(args)).trim() !== '') return;
  await apply(ground, [boardSecret(randomBytes(16).toString('hex'))], flags);
}

/** Aviary's settings with another Prometheus; every other object as it is. */
export function withMetricsServer(object: KubernetesObject, address: string | undefined): KubernetesObject {
  if (address === undefined || object.kind !== 'ConfigMap' || object.metadata.name !== 'aviary-settings') return object;
  return { ...object, data: { ...recordAt(object, 'data'), METRICS_SERVER: address } };
}

/** The story in the cluster, as soon as Aviary is installed. Nobody visits podinfo there, and no message is received. */
export function createOwnStory(
  ground: StoryGround,
  options: OwnClusterOptions & { metricsServer: string },
): RunningStory {
  const { root, image, shortening, metricsServer } = options;
  const readJson = async (args: readonly string[]): Promise<unknown> =>
    JSON.parse(await ground.kubectl(args, { seconds: 30 }));
  const inTest = (...args: readonly string[]): readonly string[] => ['-n', storyNamespace, ...args];
  const proxy = proxyPath(metricsServer);
  return {
    begin: async () => {
      const change = (canary: KubernetesObject): KubernetesObject => canary;
      await apply(ground, await readExample({ root, shortening, images: { aviary: image }, change }), flags);
    },
    release: async (tag) => {
      await ground.kubectl(inTest('set', 'env', 'deployment/podinfo', ...variablesOf(tag)));
    },
    canary: async () => (await readJson(inTest('get', 'canary', 'podinfo', '-o', 'json'))) as KubernetesObject,
    events: async () => {
      const list = await readJson(inTest('get', 'events', '--field-selector', canaryEventsSelector, '-o', 'json'));
      return eventsOf(arrayAt(list, 'items'));
    },
    measure: async (query) => {
      if (proxy === undefined) return undefined;
      return valueOf(await readJson(['get', '--raw', `${proxy}/api/v1/query?query=${encodeURIComponent(query)}`]));
    },
    trouble: () => podTroubles(ground, namespaces),
  };
}

const slowness = [
  'PODINFO_RANDOM_DELAY=true',
  'PODINFO_RANDOM_DELAY_MIN=600',
  'PODINFO_RANDOM_DELAY_MAX=900',
  'PODINFO_RANDOM_DELAY_UNIT=ms',
];

/** A release is the published image with other settings, so that no image has to be made. */
export const variablesOf = (tag: string): readonly string[] => [
  `PODINFO_UI_MESSAGE=${tag}`,
  ...(tag.endsWith('-slow') ? slowness : []),
];

/** Path at the API server to an address such as `http://name.namespace:9090`; undefined for one that is elsewhere. */
export function proxyPath(address: string): string | undefined {
  const { protocol, hostname, port, pathname } = new URL(address);
  const found = /^([a-z0-9-]+)\.([a-z0-9-]+)(\.svc(\.[a-z0-9.-]+)?)?$/.exec(hostname);
  if (found === null || protocol !== 'http:') return undefined;
  const [, name, namespace] = found;
  const path = pathname.replace(/\/$/, '');
  return `/api/v1/namespaces/${namespace}/services/${name}:${port === '' ? '80' : port}/proxy${path}`;
}
