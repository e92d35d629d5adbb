/** The watches behind cached reads: one per kind, and per namespace where not all are served. */
import { onAbort } from '../abort.ts';
import type { Clock, Random } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import type { KubernetesClient } from './client.ts';
import { type KeptPart, type ObjectStore, createObjectStore } from './object-store.ts';
import { resourceLabel } from './path.ts';
import type { ListWatch } from './watch.ts';
import { type WatchLoop, type WatchSink, createWatchLoop } from './watch-loop.ts';
import { both, whenListed } from './watch-sinks.ts';
import type { Logger } from '../observability/logger.ts';
import type { ReadSource } from './read-witness.ts';
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
export interface WatchedKind extends ReadSource {
  readonly part: KeptPart;
  readonly store: ObjectStore;
  /** Resolves when the first list is there, has failed, or takes longer than anybody would wait. */
  begun(signal: AbortSignal | undefined): Promise<void>;
  /** Whether what it has told may be relied on. */
  isCurrent(): boolean;
}

/**
 * Reads of a kind and somebody else on one watch: a loop that tells the sink, before reads know of it, what their watch is
 * told. It begins that watch when it is run; what is asked for before then has to have been shared before.
 *
 * @param namespace absent: all
 * @throws Error when no single watch of the kind spans what is asked for
 */
export type ShareWatch = (resource: Resource, namespace: string | undefined, sink: WatchSink) => WatchLoop;

export interface WatchedKinds {
  /** Begins the watch of a kind with its first read; undefined for what is not watched. */
  readonly begin: (resource: Resource, namespace: string | undefined) => WatchedKind | undefined;
  /** A watch that was begun. */
  readonly begun: (resource: Resource, namespace: string | undefined) => WatchedKind | undefined;
  readonly share: ShareWatch;
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

interface State {
  readonly options: WatchedKindsOptions;
  readonly parts: ReadonlyMap<string, KeptPart>;
  readonly served: ReadonlySet<string>;
  readonly running: Map<string, Running>;
  /** By the watch that they share. */
  readonly sharers: Map<string, WatchSink>;
  readonly signal: AbortSignal;
}

export function createWatchedKinds(options: WatchedKindsOptions): WatchedKinds {
  const controller = new AbortController();
  const running: State['running'] = new Map();
  const state: State = {
    options,
    parts: new Map(options.kinds.map(({ resource, part }) => [keyOf(resource), part])),
    served: new Set(options.namespaces),
    running,
    sharers: new Map(),
    signal: controller.signal,
  };
  return {
    begin: (resource, namespace) => begin(state, resource, namespace),
    begun: (resource, namespace) => running.get(watchOf(state, resource, namespace)?.key ?? ''),
    share: (resource, namespace, sink) => share(state, { resource, namespace, sink }),
    health: () => [...running.values()].map(healthOf),
    stop: async () => {
      const all = [...running.values()];
      running.clear();
      controller.abort();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

/** The watch that tells of what is in a namespace; undefined: there is none. Without a namespace it spans all. */
function watchOf({ served, parts }: State, resource: Resource, namespace: string | undefined) {
  const part = parts.get(keyOf(resource));
  const spansAll = served.size === 0 || !resource.namespaced;
  if (part === undefined || !(spansAll || (namespace !== undefined && served.has(namespace)))) return undefined;
  const scope = spansAll ? undefined : namespace;
  return { key: `${keyOf(resource)} ${scope ?? ''}`, resource, part, namespace: scope };
}

function begin(state: State, resource: Resource, namespace: string | undefined): Running | undefined {
  const { options, running, sharers, signal } = state;
  const watch = watchOf(state, resource, namespace);
  if (watch === undefined) return undefined;
  const known = running.get(watch.key);
  if (known !== undefined || signal.aborted) return known;
  const one = startWatch(options, { ...watch, sharer: () => sharers.get(watch.key), signal });
  running.set(watch.key, one);
  return one;
}

interface Sharing {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly sink: WatchSink;
}

function share(state: State, { resource, namespace, sink }: Sharing): WatchLoop {
  const key = watchOf(state, resource, namespace)?.key;
  if (key === undefined || state.running.has(key) || state.sharers.has(key)) {
    const what = `${resourceLabel(resource)} in ${namespace ?? 'all namespaces'}`;
    throw new Error(`share the watch of ${what}: expected one of the watched kinds, not begun and not shared yet`);
  }
  const loop = () => state.running.get(key)?.loop;
  state.sharers.set(key, sink);
  return {
    run: async (signal) => {
      begin(state, resource, namespace);
      await new Promise<void>((resolve) => void onAbort(signal, () => resolve()));
      state.sharers.delete(key);
    },
    lastActivity: () => loop()?.lastActivity() ?? 0,
    trouble: () => loop()?.trouble(),
    troubledSince: () => loop()?.troubledSince(),
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
  readonly namespace?: string | undefined;
  /** Who shares the watch at present. */
  readonly sharer: () => WatchSink | undefined;
  readonly signal: AbortSignal;
}

function startWatch(options: WatchedKindsOptions, { resource, part, namespace, sharer, signal }: Start): Running {
  const { client, clock, random, log, isKept } = options;
  const store = createObjectStore({ part, isKept });
  const label = resourceLabel(resource);
  let isSynced = false;
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const listed = whenListed(both(sharer, store.sink), () => {
    if (!isSynced) options.onListed?.(label, { lastActivity: loop.lastActivity, synced: () => true });
    isSynced = true;
    open();
  });
  const failed = (error: unknown): void => {
    listed.failed?.(error);
    open();
  };
  const sink: WatchSink = { ...listed, failed };
  const selection = { namespace, metadataOnly: part === 'metadata' };
  const loop = createWatchLoop({ client, resource, ...selection, clock, random, log, sink });
  const ended = loop.run(signal);
  const isCurrent = (): boolean => isSynced && !signal.aborted && isBelieved(loop, clock.now());
  return {
    name: `${label}${namespace === undefined ? '' : ` in ${namespace}`}`,
    part,
    store,
    loop,
    ended,
    begun: async (reader) => {
      if (isSynced) return;
      await withDeadline({ clock, ms: firstListMs, signal: reader }, () => opened).catch(() => undefined);
    },
    isCurrent,
    isStill: (key, version, notBefore) => isCurrent() && store.versionAt(key, notBefore?.get(label)) === version,
  };
}

function isBelieved(loop: Pick<WatchLoop, 'troubledSince'>, now: number): boolean {
  const troubledMs = now - (loop.troubledSince() ?? now);
  // Below 0 the machine's time was set back, and how long the watch has been away cannot be told.
  return troubledMs >= 0 && troubledMs < longestTroubleMs;
}
