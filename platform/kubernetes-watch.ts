import type { Clock, Random } from './clock.ts';
import type { KubernetesClient, Selection } from './kubernetes-client.ts';
import type { KubernetesObject, ObjectName } from './kubernetes-object.ts';
import type { Logger } from './logger.ts';
import type { Resource } from './resources.ts';

/** One watched object: what `project` kept of it, and enough to know which one and at which version it was. */
export interface Watched<T> {
  readonly namespace: string | undefined;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly value: T;
}

export interface ListWatchHandlers<T> {
  onAdd?: ((next: Watched<T>) => void) | undefined;
  onUpdate?: ((next: Watched<T>, previous: Watched<T>) => void) | undefined;
  /** Also told for objects that vanished while the watch was away. */
  onDelete?: ((last: Watched<T>) => void) | undefined;
  /** After each complete list, the first and every later one; all its changes have been told. */
  onSynced?: (() => void) | undefined;
}

export interface ListWatchOptions<T> extends Selection, ListWatchHandlers<T> {
  client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  resource: Resource;
  /** Keeps what the process needs of each object; the object itself is let go. Must be pure. */
  project: (object: KubernetesObject) => T;
  clock: Clock;
  random: Random;
  log: Logger;
  /** A watch on which nothing arrived for this long (bookmarks count) is given up and begun again. Default 120 s. */
  silenceMs?: number | undefined;
  /** A full list at least this often, in case an event was lost without a trace. Default 30 min. */
  relistMs?: number | undefined;
  /** First and longest pause after a failure. Default 500 ms and 30 s. */
  backoff?: { firstMs: number; maxMs: number } | undefined;
  pageSize?: number | undefined;
}

/**
 * A list-watch that never gives up: list in pages, watch with bookmarks, back-off with jitter, list again when the version
 * has expired. A handler that throws is logged and does not disturb the others.
 */
export interface ListWatch<T> {
  /** Begins; returns at once. May be called once. The signal stops it like `stop`. */
  start(signal?: AbortSignal): void;
  /** Has a complete list been seen? Stays true while the watch is away. */
  synced(): boolean;
  /** Resolves when synced; rejects with the signal's reason. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** Epoch ms at which the API server last said anything (page, event, bookmark); the time of `start` before that. */
  lastActivity(): number;
  /** Why it is away at the moment: the last failure's message; undefined while listing or watching works. */
  trouble(): string | undefined;
  get(name: ObjectName): Watched<T> | undefined;
  /** The current contents; do not keep it across awaits. */
  values(): IterableIterator<Watched<T>>;
  size(): number;
  /** Ends the watch and resolves when no handler will be called any more. */
  stop(): Promise<void>;
}

export function createListWatch<T>(_options: ListWatchOptions<T>): ListWatch<T> {
  throw new Error('the list-watch is under construction');
}
