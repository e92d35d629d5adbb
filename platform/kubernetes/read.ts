import type { Clock } from '../clock.ts';
import { asObject, asPage, parseAnswer } from './answer.ts';
import type { KubernetesClient, ListOptions, ObjectPage, Selection, WatchOptions } from './client.ts';
import { nameOf } from './object.ts';
import { type Query, collectionPath, objectPath, queryText, resourceLabel } from './path.ts';
import { watchStream } from './stream.ts';
import type { Call, Transport } from './transport.ts';
import type { Resource } from './resources.ts';

export type KubernetesReader = Pick<KubernetesClient, 'get' | 'list' | 'listPages' | 'watch' | 'getPath'>;

export interface ReaderOptions {
  transport: Transport;
  clock: Clock;
}

const defaultPageSize = 500;
const defaultWatchSeconds = 300;
const headTimeoutMs = 10_000;

/** The methods that change nothing. */
export function createReader({ transport, clock }: ReaderOptions): KubernetesReader {
  const listPages = (resource: Resource, options?: ListOptions) => pagesOf(transport, resource, options);
  return {
    async get(resource, name, options = {}) {
      const action = `get ${resource.kind} ${nameOf(name)}`;
      const path = objectPath(resource, name);
      const accept = acceptOf('PartialObjectMetadata', options.metadataOnly);
      const call = reading({ action, verb: 'get', resource: resourceLabel(resource), path, accept });
      return asObject(parseAnswer(await transport.send({ ...call, ...bounds(options) }), action), { resource, action });
    },
    async list(resource, options) {
      const all: ObjectPage = { items: [], resourceVersion: '' };
      for await (const page of listPages(resource, options)) {
        for (const item of page.items) all.items.push(item);
        all.resourceVersion = page.resourceVersion;
      }
      return all;
    },
    listPages,
    watch: (resource, options) =>
      watchStream({
        transport,
        clock,
        resource,
        call: watchCall(resource, options),
        timeoutMs: options.timeoutMs ?? headTimeoutMs,
        onOpen: options.onOpen,
      }),
    getPath: (path, options = {}) =>
      transport.send({
        ...reading({ action: `get ${path}`, verb: 'get', resource: 'path', path, accept: '*/*' }),
        ...bounds(options),
      }),
  };
}

async function* pagesOf(
  transport: Transport,
  resource: Resource,
  options: ListOptions = {},
): AsyncGenerator<ObjectPage, void> {
  const action = `list ${describeSelection(resource, options)}`;
  const accept = acceptOf('PartialObjectMetadataList', options.metadataOnly);
  let next: string | undefined;
  do {
    const query = { ...selectorsOf(options), limit: options.pageSize ?? defaultPageSize, continue: next };
    const path = `${collectionPath(resource, options.namespace)}${queryText(query)}`;
    const call = reading({ action, verb: 'list', resource: resourceLabel(resource), path, accept });
    const body = await transport.send({ ...call, ...bounds(options) });
    const { continueToken, ...page } = asPage(parseAnswer(body, action), { resource, action });
    yield page;
    next = continueToken;
  } while (next !== undefined);
}

function watchCall(resource: Resource, options: WatchOptions): Call {
  const query = {
    ...selectorsOf(options),
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: options.resourceVersion,
    timeoutSeconds: options.timeoutSeconds ?? defaultWatchSeconds,
  };
  return {
    ...reading({
      action: `watch ${describeSelection(resource, options)}`,
      verb: 'watch',
      resource: resourceLabel(resource),
      path: `${collectionPath(resource, options.namespace)}${queryText(query)}`,
      accept: acceptOf('PartialObjectMetadata', options.metadataOnly),
    }),
    signal: options.signal,
  };
}

const reading = (call: Pick<Call, 'action' | 'verb' | 'resource' | 'path' | 'accept'>): Call => ({
  ...call,
  method: 'GET',
  repeatable: true,
});

const bounds = ({ signal, timeoutMs }: Pick<Call, 'signal' | 'timeoutMs'>) => ({ signal, timeoutMs });

const acceptOf = (kind: string, metadataOnly: boolean | undefined): string =>
  metadataOnly === true ? `application/json;as=${kind};g=meta.k8s.io;v=v1` : 'application/json';

const selectorsOf = ({ labelSelector, fieldSelector }: Selection): Query => ({ labelSelector, fieldSelector });

/** `Secret in test with app=podinfo`. */
function describeSelection(resource: Resource, { namespace, labelSelector, fieldSelector }: Selection): string {
  const place = resource.namespaced ? ` in ${namespace ?? 'all namespaces'}` : '';
  const selectors = [labelSelector, fieldSelector].filter((selector) => selector !== undefined);
  return `${resource.kind}${place}${selectors.length === 0 ? '' : ` with ${selectors.join(' and ')}`}`;
}
