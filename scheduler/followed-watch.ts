/**
 * Watches the objects that canaries follow, so that a new revision or a changed config does not wait for its slot.
 *
 * Of all the objects in the cluster only those that a canary follows are remembered, and of those only their version: the
 * content of a ConfigMap or Secret is not even asked for.
 */
import type { FollowedKind, FollowedObject } from '../canary/schedule.ts';
import type { Clock, Random } from '../platform/clock.ts';
import { stableJson } from '../platform/hash.ts';
import { stringAt } from '../platform/json.ts';
import type { KubernetesClient } from '../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../platform/kubernetes/object.ts';
import { resourceLabel } from '../platform/kubernetes/path.ts';
import { createWatchLoop } from '../platform/kubernetes/watch-loop.ts';
import type { WatchSink } from '../platform/kubernetes/watch-loop.ts';
import type { Logger } from '../platform/observability/logger.ts';
import {
  configMaps,
  daemonSets,
  deployments,
  knativeServices,
  secrets,
  services,
} from '../platform/kubernetes/resources.ts';
import type { Resource } from '../platform/kubernetes/resources.ts';
import type { WatchHealth } from '../platform/kubernetes/watch-metrics.ts';
import type { Sight } from '../queue/step-job.ts';
import type { Followers } from './followers.ts';
import { isOnlyScaled, writesOf } from './scaling.ts';
import type { Writes } from './scaling.ts';

/** An object that canaries follow is new, changed or gone. */
export interface FollowedChange {
  readonly namespace: string;
  readonly object: FollowedObject;
  /** Names this change of this object, without dots. */
  readonly cause: string;
  readonly seen: Sight;
}

export interface FollowedWatchOptions {
  readonly client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
  /** Whether ConfigMaps and Secrets are watched. */
  readonly trackConfigs: boolean;
  readonly followers: Pick<Followers, 'has'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly onChange: (change: FollowedChange) => void;
  /** For metrics: a watch has begun. `resource` as `deployments.apps`. */
  readonly onBegin?: ((resource: string, watch: WatchHealth) => void) | undefined;
}

export interface FollowedWatch {
  /** Watches a kind from now on, or, before `start`, from then on. */
  want(kind: FollowedKind): void;
  start(): void;
  stop(): Promise<void>;
}

/** How a kind is watched. */
interface Row {
  readonly resource: Resource;
  readonly metadataOnly: boolean;
  /** Changes when a canary has to look again; without dots. */
  readonly version: (object: KubernetesObject) => string;
  /** Whether the version also counts how often pods were asked for. */
  readonly countsScaling?: boolean;
}

const generation = ({ metadata }: KubernetesObject): string => String(metadata.generation ?? 0);
const anyChange = ({ metadata }: KubernetesObject): string => metadata.resourceVersion ?? '';

const rows: Readonly<Record<FollowedKind, Row>> = {
  Deployment: { resource: deployments, metadataOnly: true, version: generation, countsScaling: true },
  DaemonSet: { resource: daemonSets, metadataOnly: true, version: generation, countsScaling: true },
  // A Service has no generation, and what others note on it is no revision.
  Service: { resource: services, metadataOnly: false, version: ({ spec }) => stableJson(spec) },
  // Its revision has a name only after the generation has changed.
  KnativeService: {
    resource: knativeServices,
    metadataOnly: false,
    version: (object) => `${generation(object)} ${stringAt(object, 'status', 'latestCreatedRevisionName') ?? ''}`,
  },
  ConfigMap: { resource: configMaps, metadataOnly: true, version: anyChange },
  Secret: { resource: secrets, metadataOnly: true, version: anyChange },
};

export function watchFollowed(options: FollowedWatchOptions): FollowedWatch {
  const controller = new AbortController();
  const wanted = new Set<FollowedKind>();
  const running: Promise<void>[] = [];
  let isStarted = false;
  const begin = (kind: FollowedKind): void => {
    if (!options.trackConfigs && (kind === 'ConfigMap' || kind === 'Secret')) return;
    const scopes = options.namespaces.length === 0 ? [undefined] : options.namespaces;
    for (const namespace of scopes) running.push(watchOne(kind, namespace, options)(controller.signal));
  };
  return {
    want: (kind) => {
      if (wanted.has(kind)) return;
      wanted.add(kind);
      if (isStarted) begin(kind);
    },
    start: () => {
      isStarted = true;
      for (const kind of wanted) begin(kind);
    },
    stop: async () => {
      controller.abort(new Error('the watches of what canaries follow were stopped'));
      await Promise.all(running);
    },
  };
}

function watchOne(kind: FollowedKind, namespace: string | undefined, options: FollowedWatchOptions) {
  const { client, clock, random, log, onBegin } = options;
  const { resource, metadataOnly } = rows[kind];
  let isSynced = false;
  const onSynced = (): void => {
    if (!isSynced) log.info({ resource: resource.plural, namespace }, 'watch of what canaries follow begun');
    isSynced = true;
  };
  const sink = createFollowedSink(kind, { ...options, onSynced });
  const loop = createWatchLoop({ client, clock, random, log, resource, metadataOnly, namespace, sink });
  onBegin?.(resourceLabel(resource), { lastActivity: loop.lastActivity, synced: () => isSynced });
  return loop.run;
}

interface FollowedSinkOptions extends Pick<FollowedWatchOptions, 'followers' | 'onChange'> {
  readonly onSynced?: () => void;
}

/** Remembers the versions of what is followed and tells what has changed since; what a list finds first is no change. */
export function createFollowedSink(
  kind: FollowedKind,
  { followers, onChange, onSynced }: FollowedSinkOptions,
): WatchSink {
  const known = new Map<string, Seen>();
  const see = (object: KubernetesObject, isNews: boolean): string => {
    const next = seen(kind, object);
    const key = keyOf(next);
    const before = known.get(key);
    if (!followers.has(next.namespace, next.object)) known.delete(key);
    else {
      known.set(key, next);
      const isChange = before === undefined ? isNews : before.version !== next.version;
      if (isChange && !isScaling(before, next)) onChange(next);
    }
    return key;
  };
  const vanished = (key: string): void => {
    const last = known.get(key);
    known.delete(key);
    if (last === undefined || !followers.has(last.namespace, last.object)) return;
    onChange({ ...last, cause: `${last.cause}-gone` });
  };
  return {
    beginList() {
      const listed = new Set<string>();
      return {
        page: (items) => items.forEach((item) => listed.add(see(item, false))),
        complete() {
          for (const key of [...known.keys()].filter((one) => !listed.has(one))) vanished(key);
          onSynced?.();
        },
      };
    },
    changed: (object) => void see(object, true),
    deleted: (object) => vanished(keyOf(seen(kind, object))),
  };
}

interface Seen extends FollowedChange {
  readonly version: string;
  /** Where the version counts more than revisions. */
  readonly writes?: Writes;
}

const isScaling = (before: Seen | undefined, next: Seen): boolean =>
  before?.writes !== undefined && next.writes !== undefined && isOnlyScaled(before.writes, next.writes);

const keyOf = ({ namespace, object }: FollowedChange): string => `${namespace}/${object}`;

function seen(kind: FollowedKind, object: KubernetesObject): Seen {
  const { namespace = '', name, uid = '', resourceVersion = '' } = object.metadata;
  const row = rows[kind];
  // Two schedulers that see the same change name it alike: by the generation, or where that says too little by the version.
  const moment = row.version === generation ? generation(object) : resourceVersion;
  const cause = `${kind.toLowerCase()}-${uid.slice(0, 8)}-${moment}`;
  const sight: Sight = `${resourceLabel(row.resource)}=${resourceVersion}`;
  const version = `${uid} ${row.version(object)}`;
  const writes = row.countsScaling === true ? { writes: writesOf(object) } : {};
  return { namespace, object: `${kind}/${name}`, cause, seen: sight, version, ...writes };
}
