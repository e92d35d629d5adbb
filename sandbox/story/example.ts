/** The example of the tutorial, as it stands in manifests/examples, or with shorter times. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { isRecord, recordAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/** What the story changes of the example; absent fields stay as they are. */
export interface Shortening {
  readonly interval: string;
  readonly stepWeight: number;
  /** Window of the metric queries. */
  readonly window: string;
  /** Replaces `2m` of the load test. */
  readonly load: string;
}

export const shortStory: Shortening = { interval: '5s', stepWeight: 10, window: '10s', load: '15s' };

/** Documents of a file below manifests/, in order. */
export async function readManifest(root: string, file: string): Promise<KubernetesObject[]> {
  return parseObjects(await readFile(join(root, 'manifests', file), 'utf8'));
}

/** Every document of a YAML stream that is an object. */
export const parseObjects = (yaml: string): KubernetesObject[] =>
  parseAllDocuments(yaml)
    .map((document): unknown => document.toJS())
    .filter((object): object is KubernetesObject => isRecord(object) && typeof object['kind'] === 'string');

/** The example's Canary as it stands. @throws Error when there is none */
export async function readCanary(root: string): Promise<KubernetesObject> {
  const canary = (await readManifest(root, 'examples/podinfo.yaml')).find(({ kind }) => kind === 'Canary');
  if (canary === undefined) throw new Error('manifests/examples/podinfo.yaml: expected a Canary, got none');
  return canary;
}

export interface ExampleOptions {
  readonly root: string;
  /** Absent: the example's own times. */
  readonly shortening: Shortening | undefined;
  /** What stands for published images, by name without tag. */
  readonly images: Readonly<Record<string, string>>;
  /** What the data plane needs of the Canary. */
  readonly change: (canary: KubernetesObject) => KubernetesObject;
}

/** Deployment, autoscaler and Canary of the example; its Namespace is made when the load tester is installed. */
export async function readExample({ root, shortening, images, change }: ExampleOptions): Promise<KubernetesObject[]> {
  const objects = await readManifest(root, 'examples/podinfo.yaml');
  return objects
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => withImages(object, images))
    .map((object) => {
      if (object.kind !== 'Canary') return object;
      const canary = change(object);
      return shortening === undefined ? canary : shortened(canary, shortening);
    });
}

/** The analysis of a Canary with the times of the short story; everything else of the object is untouched. */
export function shortened(canary: KubernetesObject, to: Shortening): KubernetesObject {
  const spec = recordAt(canary, 'spec') ?? {};
  const analysis = recordAt(spec, 'analysis') ?? {};
  const { stepWeights: _list, ...rest } = analysis;
  const metrics = listOf(analysis['metrics']).map((metric) => ({ ...metric, interval: to.window }));
  const webhooks = listOf(analysis['webhooks']).map((hook) => shortenedHook(hook, to));
  return {
    ...canary,
    spec: {
      ...spec,
      analysis: { ...rest, interval: to.interval, stepWeight: to.stepWeight, metrics, webhooks },
    },
  };
}

const listOf = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((entry) => isRecord(entry)) : [];

function shortenedHook(hook: Record<string, unknown>, { load }: Shortening): Record<string, unknown> {
  const metadata = recordAt(hook, 'metadata');
  const command = metadata?.['cmd'];
  if (typeof command !== 'string') return hook;
  return { ...hook, metadata: { ...metadata, cmd: command.replace(/-z \S+/, `-z ${load}`) } };
}

/** The same object with images of the sandbox in place of published ones. */
export function withImages(object: KubernetesObject, images: Readonly<Record<string, string>>): KubernetesObject {
  const replace = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(replace);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [
        key,
        key === 'image' && typeof inner === 'string' ? imageOf(inner, images) : replace(inner),
      ]),
    );
  };
  return replace(object) as KubernetesObject;
}

/** Looked up by name without tag. */
function imageOf(image: string, images: Readonly<Record<string, string>>): string {
  const name = image.replace(/:[^:/]+$/, '');
  return images[name] ?? image;
}
