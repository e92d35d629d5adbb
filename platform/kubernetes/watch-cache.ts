import { type KubernetesObject, type ObjectName, nameOf } from './object.ts';
import type { WatchSink } from './watch-loop.ts';
import type { Logger } from '../observability/logger.ts';

/** One watched object: what `project` kept of it, and enough to know which one and at which version it was. */
export interface Watched<T> {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: T;
}

export interface WatchHandlers<T> {
  onAdd?: ((next: Watched<T>) => void) | undefined;
  onUpdate?: ((next: Watched<T>, previous: Watched<T>) => void) | undefined;
  /** Also told for objects that vanished while the watch was away. */
  onDelete?: ((last: Watched<T>) => void) | undefined;
  /** After each complete list, the first and every later one; all its changes have been told. */
  onSynced?: (() => void) | undefined;
}

export interface WatchCacheOptions<T> extends WatchHandlers<T> {
  /**
   * Keeps what the process needs of each object; the object itself is let go. Pure. An object on which it throws is logged
   * and treated as absent.
   */
  project: (object: KubernetesObject) => T;
  log: Logger;
}

export interface WatchCache<T> extends WatchSink {
  get: (name: ObjectName) => Watched<T> | undefined;
  values: () => IterableIterator<Watched<T>>;
  size: () => number;
  synced: () => boolean;
}

/** What is known of the watched objects, and the telling of what changed. A version already told is not told again. */
export function createWatchCache<T>(options: WatchCacheOptions<T>): WatchCache<T> {
  const entries = createEntries(options);
  let isSynced = false;

  const upsert = (object: KubernetesObject): string => {
    const key = nameOf(object.metadata);
    const { uid = '', resourceVersion = '' } = object.metadata;
    const previous = entries.get(key);
    if (previous?.uid === uid && previous.resourceVersion === resourceVersion) return key;
    // Deleted and created again while we were away: two objects that share a name.
    if (previous !== undefined && previous.uid !== uid) entries.remove(key);
    const next = projected(object, options);
    if (next === undefined) entries.remove(key);
    else entries.store(key, next);
    return key;
  };
  return {
    beginList() {
      const seen = new Set<string>();
      return {
        page: (items) => items.forEach((item) => seen.add(upsert(item))),
        complete() {
          for (const key of entries.keys().filter((known) => !seen.has(known))) entries.remove(key);
          isSynced = true;
          guarded(options.log, '', () => options.onSynced?.());
        },
      };
    },
    changed: (object) => void upsert(object),
    deleted: (object) => entries.remove(nameOf(object.metadata)),
    get: (name) => entries.get(nameOf(name)),
    values: () => entries.values(),
    size: () => entries.size(),
    synced: () => isSynced,
  };
}

/** The entries by name; every change is told to the handlers. */
function createEntries<T>({ log, onAdd, onUpdate, onDelete }: WatchCacheOptions<T>) {
  const entries = new Map<string, Watched<T>>();
  return {
    get: (key: string) => entries.get(key),
    keys: () => [...entries.keys()],
    values: () => entries.values(),
    size: () => entries.size,
    store(key: string, next: Watched<T>): void {
      const previous = entries.get(key);
      entries.set(key, next);
      guarded(log, key, () => (previous === undefined ? onAdd?.(next) : onUpdate?.(next, previous)));
    },
    remove(key: string): void {
      const last = entries.get(key);
      if (last === undefined) return;
      entries.delete(key);
      guarded(log, key, () => onDelete?.(last));
    },
  };
}

function guarded(log: Logger, object: string, tell: () => void): void {
  try {
    tell();
  } catch (err) {
    log.error({ err, object }, 'watch handler failed');
  }
}

type Projection<T> = Pick<WatchCacheOptions<T>, 'project' | 'log'>;

function projected<T>(object: KubernetesObject, { project, log }: Projection<T>): Watched<T> | undefined {
  const { namespace, name, uid = '', resourceVersion = '' } = object.metadata;
  try {
    return { namespace, name, uid, resourceVersion, value: project(object) };
  } catch (err) {
    log.error({ err, object: nameOf(object.metadata) }, 'watched object left out: projection failed');
    return undefined;
  }
}
