/** The story's cluster as those who tell it see it: bring it up, release something, look at the Canary and around it. */
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import type { KubernetesClient } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createKubernetesClient } from '../../platform/kubernetes/kubernetes.ts';
import { silentLogger } from '../../platform/observability/logger.ts';
import { canaries, events } from '../../platform/kubernetes/resources.ts';
import { startNode } from '../node/start.ts';
import type { SandboxNode } from '../node/sandbox-node.ts';
import type { Progress } from '../progress.ts';
import { waitFor } from '../wait.ts';
import type { DataPlane, StoryImages } from './data-plane.ts';
import { readExample } from './example.ts';
import type { Shortening } from './example.ts';
import { apply, imagesByName, install } from './install.ts';
import { storyNamespace, systemNamespace } from './objects.ts';
import { podTroubles } from './pods.ts';
import { canaryEventsSelector, eventsOf, messagesOf, trafficOf, valueOf } from './readings.ts';
import type { RunningStory, StoryEvent, Traffic } from './running-story.ts';

export interface StoryOptions {
  /** Tells several nodes of one machine apart. */
  readonly name: string;
  readonly plane: DataPlane;
  /** Absent: the example's own times. */
  readonly shortening?: Shortening | undefined;
  readonly root: string;
  readonly progress: Progress;
  /** `process`: everything ends with this process, however that ends. */
  readonly lifetime: 'process' | 'kept';
}

/** The story on a node of the sandbox, with visitors and with a receiver in Slack's place. */
export interface StoryCluster extends RunningStory {
  readonly node: SandboxNode;
  readonly client: KubernetesClient;
  readonly boardToken: string;
  traffic(): Promise<Traffic>;
  messages(): Promise<readonly string[]>;
  /** Address on this machine of a Service inside. */
  address(service: string, port: number): Promise<string>;
  close(): Promise<void>;
}

const images: StoryImages = { aviary: 'aviary:dev', programs: 'aviary-sandbox:dev', envoy: 'sandbox.local/envoy:1' };

/** @throws Error when a part cannot be had here or something does not become available */
export async function openStory(options: StoryOptions): Promise<StoryCluster> {
  const { name, plane, root, progress, lifetime } = options;
  const node = await startNode({
    name,
    lifetime,
    progress,
    images: [
      'aviary',
      'aviary-sandbox',
      'podinfo',
      'podinfo-next',
      'podinfo-errors',
      'podinfo-slow',
      'redis',
      'prometheus',
      ...plane.images,
    ],
  });
  progress.say('images imported');
  const boardToken = randomBytes(16).toString('hex');
  const scrapeInterval = options.shortening === undefined ? '5s' : '1s';
  await install({ node, plane, root, images, boardToken, scrapeInterval, say: (line) => progress.say(line) });
  progress.say('Aviary runs');
  return createStory(options, node, boardToken);
}

function createStory(options: StoryOptions, node: SandboxNode, boardToken: string): StoryCluster {
  const client = createKubernetesClient({
    access: { kind: 'kubeconfig', path: node.kubeconfigPath },
    userAgent: 'aviary-story',
    fieldManager: 'aviary-story',
    clock: systemClock,
    random: Math.random,
    log: silentLogger,
  });
  const address = createAddresses(node);
  const readJson = async (service: string, port: number, path: string): Promise<unknown> =>
    readAnswer(`${await address(service, port)}${path}`, `${service}${path}`);
  return {
    node,
    client,
    boardToken,
    address,
    begin: async () => apply(node, await exampleObjects(options)),
    release: async (tag) => {
      await node.kubectl(setImage(tag));
    },
    canary: () => client.get(canaries, { namespace: storyNamespace, name: 'podinfo' }),
    events: () => readEvents(client),
    traffic: async () => trafficOf(await readJson(`storefront.${storyNamespace}`, 8080, '/counts')),
    messages: async () => messagesOf(await readJson(`slack-receiver.${systemNamespace}`, 8080, '/messages')),
    measure: async (query) =>
      valueOf(
        await readJson(`prometheus.${systemNamespace}`, 9090, `/api/v1/query?query=${encodeURIComponent(query)}`),
      ),
    trouble: () => podTroubles(node, [storyNamespace, systemNamespace]),
    close: async () => {
      await client.close();
      if (options.lifetime === 'process') await node.stop();
      else node.release();
    },
  };
}

/** A Service that is new is not reached for a moment, even when its pods are ready. */
const reachableSeconds = 20;

/** @throws Error when there is no answer in time, or another one than 200 */
async function readAnswer(url: string, what: string): Promise<unknown> {
  let reason = '';
  const response = await waitFor({
    what,
    seconds: reachableSeconds,
    every: 250,
    look: () =>
      fetch(url).catch((error: unknown) => {
        reason = stringAt(error, 'cause', 'message') ?? String(error);
        return undefined;
      }),
    explain: () => `  the last attempt: ${reason}`,
  });
  if (!response.ok) throw new Error(`${what}: expected 200, got ${response.status}`);
  return response.json();
}

const setImage = (tag: string): readonly string[] => {
  const image = `*=sandbox.local/podinfo:${tag}`;
  return ['-n', storyNamespace, 'set', 'image', 'deployment/podinfo', image];
};

function createAddresses(node: SandboxNode): (service: string, port: number) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (host, port) => {
    const key = `${host}:${port}`;
    const found =
      known.get(key) ?? node.forward({ host, port }).then((forwarded) => `http://127.0.0.1:${forwarded.port}`);
    known.set(key, found);
    return found;
  };
}

/** The example with images of the sandbox and what the data plane needs of its Canary. */
const exampleObjects = ({ root, plane, shortening }: StoryOptions): Promise<KubernetesObject[]> =>
  readExample({ root, shortening, images: imagesByName(images.aviary), change: plane.canary });

async function readEvents(client: KubernetesClient): Promise<readonly StoryEvent[]> {
  const { items } = await client.list(events, { namespace: storyNamespace, fieldSelector: canaryEventsSelector });
  return eventsOf(items);
}
