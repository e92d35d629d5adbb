import { onAbort } from '../abort.ts';
import type { Cancel, Clock, Random } from '../clock.ts';
import type { KubernetesClient, Selection, WatchEvent } from './client.ts';
import { KubernetesError, isKubernetesError } from './error.ts';
import type { KubernetesObject } from './object.ts';
import type { Logger } from '../observability/logger.ts';
import type { Resource } from './resources.ts';
import { messageOf } from '../error-message.ts';

/** Takes what the loop reads. Its methods do not throw. */
export interface WatchSink {
  /** `complete` is told the version of the whole list. */
  beginList(): { page(items: readonly KubernetesObject[]): void; complete(version: string): void };
  changed(object: KubernetesObject): void;
  deleted(object: KubernetesObject): void;
  /** Nothing more changed up to this version. */
  reached?(version: string): void;
  /** Why listing or watching does not work, before the pause that follows. */
  failed?(error: unknown): void;
}

export interface WatchLoopOptions extends Selection {
  client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  resource: Resource;
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

export interface WatchLoop {
  /** Runs until the signal aborts; never rejects. */
  run: (signal: AbortSignal) => Promise<void>;
  /** Epoch ms at which the API server last said anything; the time of `run` before that. */
  lastActivity: () => number;
  /** The last failure's message, while nothing has worked since. */
  trouble: () => string | undefined;
  /** Epoch ms of the first failure since anything worked. */
  troubledSince: () => number | undefined;
}

/** A watch that ends sooner without having told anything counts as a failure, or a sick server would be called in a tight loop. */
const shortestWatchMs = 1_000;
const watchSeconds = { least: 240, spread: 120 };

/**
 *   list ──complete──▶ watch ──ends in order──▶ watch again from the last version (list again when relistMs is over)
 *    ▲                   │ fails: pause (doubling, with jitter), then watch again from the last version
 *    └──── pause ◀───────┘ version expired (gone): pause, then list again
 */
export function createWatchLoop(options: WatchLoopOptions & { sink: WatchSink }): WatchLoop {
  const { clock, relistMs = 1_800_000 } = options;
  const state = initialState();
  let listedAt = 0;

  const once = async (signal: AbortSignal): Promise<void> => {
    if (state.version === undefined || clock.now() - listedAt >= relistMs) {
      state.version = await listAll(options, state, signal);
      listedAt = clock.now();
    }
    await watchFrom(options, { state, version: state.version, signal });
  };
  return {
    async run(signal) {
      state.activeAt = clock.now();
      while (!signal.aborted) {
        try {
          await once(signal);
        } catch (error) {
          if (!signal.aborted) await recover(options, { state, error, signal }).catch(() => undefined);
        }
      }
    },
    lastActivity: () => state.activeAt,
    trouble: () => state.trouble,
    troubledSince: () => state.troubledSince,
  };
}

interface LoopState {
  activeAt: number;
  /** In a row, without an event in between. */
  failures: number;
  trouble: string | undefined;
  troubledSince: number | undefined;
  /** The version up to which changes have been told; undefined: a list is needed. */
  version: string | undefined;
}

const initialState = (): LoopState => ({
  activeAt: 0,
  failures: 0,
  trouble: undefined,
  troubledSince: undefined,
  version: undefined,
});

interface Failed {
  readonly state: LoopState;
  readonly error: unknown;
  readonly signal: AbortSignal;
}

async function recover(options: LoopOptions, { state, error, signal }: Failed): Promise<void> {
  const { clock, random, log, resource, backoff = { firstMs: 500, maxMs: 30_000 } } = options;
  if (isKubernetesError(error, 'gone')) state.version = undefined;
  const reason = messageOf(error);
  // A kind that is not served or may not be watched fails for ever: said once.
  const level = reason === state.trouble ? 'debug' : 'warn';
  state.trouble = reason;
  state.troubledSince ??= clock.now();
  const ceilingMs = Math.min(backoff.firstMs * 2 ** state.failures, backoff.maxMs);
  const pauseMs = Math.round(ceilingMs * (0.5 + random() * 0.5));
  state.failures += 1;
  log[level]({ err: error, resource: resource.plural, failures: state.failures, pauseMs }, 'watch interrupted');
  options.sink.failed?.(error);
  await clock.sleep(pauseMs, signal);
}

function recovered(state: LoopState): void {
  state.trouble = undefined;
  state.troubledSince = undefined;
}

type LoopOptions = WatchLoopOptions & { sink: WatchSink };

async function listAll(options: LoopOptions, state: LoopState, signal: AbortSignal): Promise<string> {
  const { client, clock, resource, sink, pageSize } = options;
  const pass = sink.beginList();
  let version = '';
  for await (const page of client.listPages(resource, { ...selectionOf(options), pageSize, signal })) {
    signal.throwIfAborted();
    pass.page(page.items);
    version = page.resourceVersion;
    state.activeAt = clock.now();
  }
  pass.complete(version);
  recovered(state);
  return version;
}

interface WatchPass {
  state: LoopState;
  version: string;
  signal: AbortSignal;
}

async function watchFrom(options: LoopOptions, { state, version, signal }: WatchPass): Promise<void> {
  const { client, clock, random, resource, silenceMs = 120_000 } = options;
  const startedAt = clock.now();
  const guard = createSilenceGuard({ clock, silenceMs, signal });
  const { trouble, troubledSince } = state;
  let arrivals = 0;
  const arrived = (): void => {
    guard.touch();
    state.activeAt = clock.now();
    recovered(state);
  };
  try {
    const watch = client.watch(resource, {
      ...selectionOf(options),
      resourceVersion: version,
      timeoutSeconds: Math.round(watchSeconds.least + random() * watchSeconds.spread),
      signal: guard.signal,
      onOpen: arrived,
    });
    for await (const event of watch) {
      if (signal.aborted) return;
      arrivals += 1;
      arrived();
      state.failures = 0;
      state.version = tell(options.sink, event) || state.version;
    }
    if (arrivals === 0 && clock.now() - startedAt < shortestWatchMs) throw endedTooSoon(resource);
  } catch (error) {
    // Accepted and broken off without an event: what was missed before is still missing.
    if (arrivals === 0) Object.assign(state, { trouble, troubledSince });
    throw error;
  } finally {
    guard.release();
  }
  state.failures = 0;
}

/** Passes the event on and returns the version it brings us to. */
function tell(sink: WatchSink, event: WatchEvent): string | undefined {
  switch (event.type) {
    case 'added':
    case 'modified':
      sink.changed(event.object);
      return event.object.metadata.resourceVersion;
    case 'deleted':
      sink.deleted(event.object);
      return event.object.metadata.resourceVersion;
    case 'bookmark':
      sink.reached?.(event.resourceVersion);
      return event.resourceVersion;
    default:
      return event satisfies never;
  }
}

const selectionOf = ({ namespace, labelSelector, fieldSelector, metadataOnly }: Selection): Selection => ({
  namespace,
  labelSelector,
  fieldSelector,
  metadataOnly,
});

const endedTooSoon = ({ kind }: Resource): KubernetesError =>
  new KubernetesError({
    kind: 'unavailable',
    action: `watch ${kind}`,
    detail: `the API server ended the watch in less than ${shortestWatchMs} ms without an event`,
  });

interface SilenceOptions {
  clock: Clock;
  silenceMs: number;
  signal: AbortSignal;
}

/** A signal that aborts with the parent, or when `touch` was not called for `silenceMs`. */
function createSilenceGuard({ clock, silenceMs, signal: parent }: SilenceOptions) {
  const controller = new AbortController();
  const release = onAbort(parent, (reason) => controller.abort(reason));
  const onSilence = (): void => controller.abort(new Error(`nothing arrived for ${silenceMs} ms`));
  let cancel: Cancel = clock.after(silenceMs, onSilence);
  return {
    signal: controller.signal,
    touch(): void {
      cancel();
      cancel = clock.after(silenceMs, onSilence);
    },
    release(): void {
      cancel();
      release();
    },
  };
}
