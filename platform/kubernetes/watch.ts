import { onAbort } from '../abort.ts';
import { isKubernetesError } from './error.ts';
import type { ObjectName } from './object.ts';
import { type WatchCacheOptions, type Watched, createWatchCache } from './watch-cache.ts';
import { type WatchLoop, type WatchLoopOptions, type WatchSink, createWatchLoop } from './watch-loop.ts';

export type { Watched } from './watch-cache.ts';

export type ListWatchOptions<T> = WatchLoopOptions & WatchCacheOptions<T>;

/**
 * A list-watch that never gives up: list in pages, watch with bookmarks, back-off with jitter, list again when the version
 * has expired. A handler that throws is logged and does not disturb the others.
 */
export interface ListWatch<T> {
  /** Begins; returns at once. May be called once. The signal stops it like `stop`. */
  start(signal?: AbortSignal): void;
  /** Has a complete list been seen? Stays true while the watch is away. */
  synced(): boolean;
  /** Resolves when synced; rejects with the signal's reason, or when stopped before. */
  whenSynced(signal?: AbortSignal): Promise<void>;
  /** Whether the API server has forbidden it and no list has been seen since. It goes on trying. */
  isRefused(): boolean;
  /** Resolves when synced or refused; rejects as `whenSynced` does. */
  whenAnswered(signal?: AbortSignal): Promise<void>;
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

/** With a list-watch loop of its own. Handlers are called in the order of the changes, one at a time. */
export const createListWatch = <T>(options: ListWatchOptions<T>): ListWatch<T> =>
  createListWatchOn({
    ...options,
    what: options.resource.plural,
    openLoop: (sink) => createWatchLoop({ ...options, sink }),
  });

export interface LoopedOptions<T> extends WatchCacheOptions<T> {
  /** For messages. */
  readonly what: string;
  /** What reads; asked once. */
  readonly openLoop: (sink: WatchSink) => WatchLoop;
}

/** On a loop of the caller's. */
export function createListWatchOn<T>({ what, openLoop, ...options }: LoopedOptions<T>): ListWatch<T> {
  const controller = new AbortController();
  const first = createFirsts();
  const cache = createWatchCache({
    ...options,
    onSynced: () => {
      first.synced();
      options.onSynced?.();
    },
  });
  const loop = openLoop({ ...cache, failed: first.failed });
  let running: Promise<void> | undefined;

  const end = (reason: unknown): void => {
    controller.abort(reason);
    first.end(reason);
  };
  return {
    start(signal) {
      if (running !== undefined) throw new Error(`the watch of ${what} was started twice`);
      const release = onAbort(signal, end);
      running = loop.run(controller.signal).finally(release);
    },
    async stop() {
      end(new Error(`the watch of ${what} was stopped`));
      await running;
    },
    synced: cache.synced,
    whenSynced: first.whenSynced,
    isRefused: () => first.wasForbidden() && !cache.synced(),
    whenAnswered: first.whenAnswered,
    lastActivity: loop.lastActivity,
    trouble: loop.trouble,
    get: cache.get,
    values: cache.values,
    size: cache.size,
  };
}

/** What is waited for at the beginning of a watch: its first list, or that it is forbidden. */
function createFirsts() {
  const list = createGate();
  const answer = createGate();
  let wasForbidden = false;
  return {
    synced: () => {
      list.open();
      answer.open();
    },
    failed: (error: unknown) => {
      if (!isKubernetesError(error, 'forbidden')) return;
      wasForbidden = true;
      answer.open();
    },
    end: (reason: unknown) => {
      list.fail(reason);
      answer.fail(reason);
    },
    wasForbidden: () => wasForbidden,
    whenSynced: list.wait,
    whenAnswered: answer.wait,
  };
}

/** Opens or fails once, and lets waiters pass or fail accordingly. */
function createGate() {
  let open: () => void = () => undefined;
  let fail: (reason: unknown) => void = () => undefined;
  const outcome = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  // Nobody need be waiting when it fails.
  outcome.catch(() => undefined);
  const wait = (signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const release = onAbort(signal, reject);
      outcome.then(resolve, reject).finally(release);
    });
  return { open: () => open(), fail: (reason: unknown) => fail(reason), wait };
}
