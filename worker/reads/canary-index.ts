/** All Canaries as this process needs them beside the one it works on: who claims which target, and what gauges show. */
import { isRunPhase } from '../../canary/canary.ts';
import { readInterval } from '../../canary/schedule.ts';
import type { Provider } from '../../canary/spec.ts';
import { targetKey } from '../../canary/target-conflict.ts';
import type { TargetClaim } from '../../canary/target-conflict.ts';
import { arrayAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { createListWatchOn } from '../../platform/kubernetes/watch.ts';
import type { ListWatch } from '../../platform/kubernetes/watch.ts';
import { createWatchLoop } from '../../platform/kubernetes/watch-loop.ts';
import type { WatchLoop, WatchLoopOptions, WatchSink } from '../../platform/kubernetes/watch-loop.ts';
import { createWatchScopes } from '../../platform/kubernetes/watch-scopes.ts';
import type { WatchScopes } from '../../platform/kubernetes/watch-scopes.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { canaries } from '../../platform/kubernetes/resources.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { shownWeight } from './shown-weight.ts';

export interface IndexedCanary extends TargetClaim {
  readonly phase: string;
  /** Empty until the API server has given it one, which it does at once. */
  readonly uid: string;
  /** A new revision waits for a place among the runs. */
  readonly queued: boolean;
  readonly intervalMs: number;
  /** Percent, as the gauge shows it. */
  readonly weight: number;
  /** Names of what its analysis checks. */
  readonly metrics: readonly string[];
  /** Ids of what was announced and perhaps not delivered. */
  readonly outbox: readonly string[];
}

type Watching = 'start' | 'whenSynced' | 'synced' | 'unready' | 'complete' | 'isUnread' | 'lastActivity' | 'stop';

export interface CanaryIndex extends Pick<WatchScopes<IndexedCanary>, Watching> {
  /** Those that have the same target. */
  withTargetOf(claim: TargetClaim): Iterable<IndexedCanary>;
  /** Whether there are any in a namespace. What belongs to no namespace is everybody's. */
  isHome(namespace: string | undefined): boolean;
  all(): Iterable<IndexedCanary>;
  /** Those whose status says that a revision is analysed or promoted. */
  running(): Iterable<IndexedCanary>;
  /** Those whose status says that a revision waits for a place among the runs. */
  queued(): Iterable<IndexedCanary>;
  /** Has each Canary told that is deleted from now on, one whose name another has taken included. */
  onGone(tell: (canary: CanaryKey) => void): void;
  /** All that had a Canary since this process began: one may be empty by now. */
  namespaces(): Iterable<string>;
}

export interface CanaryIndexOptions {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  /** Of Canaries that name none. */
  readonly defaultProvider: Provider;
  /** What reads the Canaries of one namespace, or of all. */
  readonly openLoop: (namespace: string | undefined, sink: WatchSink) => WatchLoop;
  readonly log: Logger;
}

export function createCanaryIndex(options: CanaryIndexOptions): CanaryIndex {
  const byNamespace = createGroups(({ namespace }) => namespace);
  const byTarget = createGroups(targetKey);
  const told: ((canary: CanaryKey) => void)[] = [];
  const onGone = (canary: CanaryKey): void => told.forEach((tell) => tell(canary));
  return {
    ...watchAll(options, { byNamespace, byTarget, onGone }),
    isHome: (namespace) => namespace === undefined || (byNamespace.get(namespace)?.size ?? 0) > 0,
    withTargetOf: (claim) => byTarget.get(targetKey(claim))?.values() ?? [],
    *all() {
      for (const home of byNamespace.values()) yield* home.values();
    },
    *running() {
      for (const home of byNamespace.values()) for (const one of home.values()) if (isRunPhase(one.phase)) yield one;
    },
    *queued() {
      for (const home of byNamespace.values()) for (const one of home.values()) if (one.queued) yield one;
    },
    onGone: (tell) => void told.push(tell),
    namespaces: () => byNamespace.keys(),
  };
}

interface IndexParts {
  readonly byNamespace: ReturnType<typeof createGroups>;
  readonly byTarget: ReturnType<typeof createGroups>;
  readonly onGone: (canary: CanaryKey) => void;
}

/** Watches of the index's own. */
export const canaryLoops =
  (options: Pick<WatchLoopOptions, 'client' | 'clock' | 'random' | 'log'>): CanaryIndexOptions['openLoop'] =>
  (namespace, sink) =>
    createWatchLoop({ ...options, resource: canaries, namespace, sink });

function watchAll(options: CanaryIndexOptions, { byNamespace, byTarget, onGone }: IndexParts) {
  const { namespaces, defaultProvider, openLoop, log } = options;
  const put = (next: IndexedCanary, last?: IndexedCanary): void => {
    if (last !== undefined) byTarget.remove(last);
    byNamespace.put(next);
    byTarget.put(next);
  };
  const open = (namespace: string | undefined): ListWatch<IndexedCanary> =>
    createListWatchOn<IndexedCanary>({
      what: canaries.plural,
      openLoop: (sink) => openLoop(namespace, sink),
      log,
      project: (object) => indexed(object, defaultProvider),
      onAdd: ({ value }) => put(value),
      onUpdate: ({ value }, { value: last }) => put(value, last),
      onDelete: ({ value }) => {
        byTarget.remove(value);
        // The namespace stays known: it has no Canary by now.
        byNamespace.get(value.namespace)?.delete(value.name);
        onGone(value);
      },
    });
  return createWatchScopes({ namespaces, open, what: 'Canaries', log });
}

/** Canaries by something that they share, then by name. */
function createGroups(keyOf: (canary: IndexedCanary) => string) {
  const groups = new Map<string, Map<string, IndexedCanary>>();
  return {
    get: (key: string) => groups.get(key),
    keys: () => groups.keys(),
    values: () => groups.values(),
    put: (canary: IndexedCanary): void => {
      const group = groups.get(keyOf(canary));
      if (group === undefined) groups.set(keyOf(canary), new Map([[canary.name, canary]]));
      else group.set(canary.name, canary);
    },
    remove: (canary: IndexedCanary): void => {
      const group = groups.get(keyOf(canary));
      group?.delete(canary.name);
      if (group?.size === 0) groups.delete(keyOf(canary));
    },
  };
}

function indexed(object: KubernetesObject, defaultProvider: Provider): IndexedCanary {
  const { name, namespace = '', uid = '', creationTimestamp = '' } = object.metadata;
  return {
    name,
    namespace,
    creationTimestamp,
    uid,
    phase: stringAt(object, 'status', 'phase') ?? '',
    queued: arrayAt(object, 'status', 'conditions').some(isQueued),
    intervalMs: readInterval(object),
    weight: shownWeight(object, defaultProvider),
    metrics: arrayAt(object, 'spec', 'analysis', 'metrics').flatMap((one) => stringAt(one, 'name') ?? []),
    outbox: arrayAt(object, 'status', 'outbox').flatMap((one) => stringAt(one, 'id') ?? []),
    spec: {
      target: {
        apiVersion: stringAt(object, 'spec', 'targetRef', 'apiVersion') ?? '',
        kind: stringAt(object, 'spec', 'targetRef', 'kind') ?? '',
        name: stringAt(object, 'spec', 'targetRef', 'name') ?? '',
      },
    },
  };
}

const isQueued = (condition: unknown): boolean =>
  stringAt(condition, 'type') === 'Queued' && stringAt(condition, 'status') === 'True';
