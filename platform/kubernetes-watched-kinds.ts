/** The watches behind cached reads: one per kind, and per namespace where not all are served. */
import type { Clock, Random } from './clock.ts';
import { withDeadline } from './deadline.ts';
import type { KubernetesClient } from './kubernetes-client.ts';
import { type KeptPart, type ObjectStore, createObjectStore } from './kubernetes-object-store.ts';
import { resourceLabel } from './kubernetes-path.ts';
import type { ListWatch } from './kubernetes-watch.ts';
import { type WatchLoop, type WatchSink, createWatchLoop } from './kubernetes-watch-loop.ts';
import type { Logger } from './logger.ts';
import { type Resource, apiVersionOf } from './resources.ts';

export interface CachedKind {
  readonly resource: Resource;
  /** Of a kind that is kept by its metadata, reads of the content go to the API server. */
  readonly part: KeptPart;
}

export interface WatchedKindsOptions {
  readonly client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  readonly kinds: readonly CachedKind[];
  /** Empty: all namespaces. Objects of others are always asked for. */
  readonly namespaces: readonly string[];
  /** Namespaces whose objects are all kept; of others only what was read is. */
  readonly isKept: (namespace: string | undefined) => boolean;
  /** Told when a watch has read its first list: kinds that the cluster does not serve are none to worry about. */
  readonly onListed?: (resource: string, watch: Pick<ListWatch<unknown>, 'lastActivity' | 'synced'>) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

export interface WatchHealth {
  /** `deployments.apps`, with the namespace where not all are watched: `deployments.apps in shop`. */
  readonly watch: string;
  /** Epoch ms at which the API server last said anything. */
  readonly lastActivity: number;
  readonly objects: number;
  /** Why nothing is heard of it at the moment. */
  readonly trouble: string | undefined;
}

/** One watch and what it has told. */
export interface WatchedKind {
  readonly part: KeptPart;
  readonly store: ObjectStore;
  /** Resolves when the first list is there, has failed, or takes longer than anybody would wait. */
  begun(signal: AbortSignal | undefined): Promise<void>;
  /** Whether what it has told may be relied on. */
  isCurrent(): boolean;
}

export interface WatchedKinds {
  /** Begins the watch of a kind with its first read; undefined for what is not watched. */
  readonly begin: (resource: Resource, namespace: string | undefined) => WatchedKind | undefined;
  /** A watch that was begun. */
  readonly begun: (resource: Resource, namespace: string | undefined) => WatchedKind | undefined;
  readonly health: () => readonly WatchHealth[];
  readonly stop: () => Promise<void>;
}

/** A watch that fails is begun again within a second or so; one that stays away longer is believed no more. */
const longestTroubleMs = 5_000;
/** How long the first reads of a kind wait for its list, which costs the API server less than they would. */
const firstListMs = 10_000;

interface Running extends WatchedKind {
  readonly name: string;
  readonly loop: WatchLoop;
  readonly ended: Promise<void>;
}

export function createWatchedKinds(options: WatchedKindsOptions): WatchedKinds {
  const parts = new Map(options.kinds.map(({ resource, part }) => [keyOf(resource), part]));
  const served = new Set(options.namespaces);
  const running = new Map<string, Running>();
  const controller = new AbortController();
  /** undefined: not watched; without a namespace: the watch spans all. */
  const scopeOf = (resource: Resource, namespace: string | undefined): { namespace?: string } | undefined => {
    if (served.size === 0 || !resource.namespaced) return {};
    return namespace !== undefined && served.has(namespace) ? { namespace } : undefined;
  };
  const begun: WatchedKinds['begun'] = (resource, namespace) => {
    const scope = scopeOf(resource, namespace);
    return scope === undefined ? undefined : running.get(`${keyOf(resource)} ${scope.namespace ?? ''}`);
  };
  return {
    begin: (resource, namespace) => {
      const known = begun(resource, namespace);
      const part = parts.get(keyOf(resource));
      const scope = scopeOf(resource, namespace);
      if (known !== undefined || part === undefined || scope === undefined || controller.signal.aborted) return known;
      const one = startWatch(options, { resource, part, ...scope, signal: controller.signal });
      running.set(`${keyOf(resource)} ${scope.namespace ?? ''}`, one);
      return one;
    },
    begun,
    health: () => [...running.values()].map(healthOf),
    stop: async () => {
      const all = [...running.values()];
      running.clear();
      controller.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

const keyOf = (resource: Resource): string => `${resource.plural}.${apiVersionOf(resource)}`;

const healthOf = ({ name, loop, store }: Running): WatchHealth => ({
  watch: name,
  lastActivity: loop.lastActivity(),
  objects: store.size(),
  trouble: loop.trouble(),
});

interface Start {
  readonly resource: Resource;
  readonly part: KeptPart;
  readonly namespace?: string;
  readonly signal: AbortSignal;
}

function startWatch(options: WatchedKindsOptions, { resource, part, namespace, signal }: Start): Running {
  const { client, clock, random, log, isKept } = options;
  const store = createObjectStore({ part, isKept });
  let isSynced = false;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const sink = whenListed(store.sink, () => {
    if (!isSynced) options.onListed?.(resourceLabel(resource), { lastActivity: loop.lastActivity, synced: () => true });
    isSynced = true;
    open();
  });
  const selection = { namespace, metadataOnly: part === 'metadata' };
  const loop = createWatchLoop({ client, resource, ...selection, clock, random, log, sink, onTrouble: open });
  const ended = loop.run(signal);
  return {
    name: `${resourceLabel(resource)}${namespace === undefined ? '' : ` in ${namespace}`}`,
    part,
    store,
    loop,
    ended,
    begun: async (reader) => {
      if (isSynced) return;
      await withDeadline({ clock, ms: firstListMs, signal: reader }, () => opened).catch(() => undefined);
    },
    isCurrent: () =>
      isSynced && !signal.aborted && clock.now() - (loop.troubledSince() ?? clock.now()) < longestTroubleMs,
  };
}

const whenListed = (sink: WatchSink, tell: () => void): WatchSink => ({
  ...sink,
  beginList: () => {
    const pass = sink.beginList();
    return {
      page: (items) => pass.page(items),
      complete: (version) => {
        pass.complete(version);
        tell();
      },
    };
  },
});
