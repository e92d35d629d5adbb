/** A cluster that is only said: it can be listed page by page and watched, and nothing in it ever changes. */
import { systemClock as clock } from '../../platform/clock.ts';
import type {
  KubernetesClient,
  ListOptions,
  ObjectPage,
  WatchEvent,
  WatchOptions,
} from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { canaryObject, followedObjects } from './population.ts';

const usualPageSize = 500;
/** A watch on which nothing arrives counts as dead after two minutes. */
const bookmarkMs = 30_000;

/** @param count how many Canaries there are */
export function generatedCluster(count: number): KubernetesClient {
  const refuse = (): never => {
    throw new Error('the generated cluster: expected lists and watches only, got another request');
  };
  return {
    listPages: ({ kind }, options) => pages(count, kind, options),
    watch: (resource, options) => quietWatch(resource, options),
    get: async () => refuse(),
    list: async () => refuse(),
    create: async () => refuse(),
    apply: async () => refuse(),
    mergePatch: async () => refuse(),
    jsonPatch: async () => refuse(),
    replaceStatus: async () => refuse(),
    patchStatus: async () => refuse(),
    delete: async () => refuse(),
    getPath: async () => refuse(),
    close: async () => undefined,
  };
}

async function* pages(count: number, kind: string, options: ListOptions = {}): AsyncGenerator<ObjectPage, void> {
  const { pageSize = usualPageSize } = options;
  for (let from = 0; from < count; from += pageSize) {
    const numbers = Array.from({ length: Math.min(pageSize, count - from) }, (_, index) => from + index);
    // A page of a real server arrives in a turn of its own, too.
    await clock.sleep(0);
    yield { items: numbers.flatMap((index) => objectsOf(kind, index)), resourceVersion: '1' };
  }
}

const objectsOf = (kind: string, index: number): readonly KubernetesObject[] =>
  kind === 'Canary' ? [canaryObject(index)] : followedObjects(kind, index);

async function* quietWatch(_: Resource, { onOpen, signal }: WatchOptions): AsyncGenerator<WatchEvent, void> {
  onOpen?.();
  for (;;) {
    await clock.sleep(bookmarkMs, signal);
    yield { type: 'bookmark', resourceVersion: '1' };
  }
}
