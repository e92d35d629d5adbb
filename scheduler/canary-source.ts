/** Where a tick gets the schedules of all canaries from: one paged list, or the watch of a process that stays. */
import { readSchedule } from '../canary/schedule.ts';
import type { Schedule } from '../canary/schedule.ts';
import type { Clock, Random } from '../platform/clock.ts';
import type { KubernetesClient } from '../platform/kubernetes-client.ts';
import { isKubernetesError } from '../platform/kubernetes-error.ts';
import { createListWatch } from '../platform/kubernetes-watch.ts';
import type { ListWatch, Watched } from '../platform/kubernetes-watch.ts';
import type { Logger } from '../platform/logger.ts';
import { canaries } from '../platform/resources.ts';
import type { Followers } from './followers.ts';
import type { CanaryEdit } from './wake.ts';

/** Fails when it cannot tell; never answers with a part. */
export type CanarySource = (signal: AbortSignal) => Promise<Iterable<Schedule>>;

export interface Scope {
  /** Empty: all namespaces. */
  readonly namespaces: readonly string[];
}

/** A list whose continuation expires is begun again, this many times. */
const listTries = 3;

/** Lists page by page and keeps only what a tick needs of each object. */
export function listedCanaries(client: Pick<KubernetesClient, 'listPages'>, { namespaces }: Scope): CanarySource {
  return async (signal) => {
    const scopes = namespaces.length === 0 ? [undefined] : namespaces;
    const lists = await Promise.all(scopes.map((namespace) => listOne(client, { namespace, signal })));
    return lists.flat();
  };
}

interface ListScope {
  readonly namespace: string | undefined;
  readonly signal: AbortSignal;
}

async function listOne(client: Pick<KubernetesClient, 'listPages'>, scope: ListScope): Promise<Schedule[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readPages(client, scope);
    } catch (error) {
      if (attempt === listTries || !isKubernetesError(error, 'gone')) throw error;
    }
  }
}

async function readPages(client: Pick<KubernetesClient, 'listPages'>, scope: ListScope): Promise<Schedule[]> {
  const schedules: Schedule[] = [];
  for await (const page of client.listPages(canaries, scope)) {
    schedules.push(...page.items.map(readSchedule).filter((schedule) => schedule !== undefined));
  }
  return schedules;
}

export interface CanaryWatchOptions extends Scope {
  readonly client: Pick<KubernetesClient, 'listPages' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Kept in step with what is seen. */
  readonly followers: Pick<Followers, 'put' | 'remove'>;
  /** Told of every Canary that is new, whose spec or annotations of ours have changed since it was last seen, or that is being deleted by now, the first list excepted. */
  readonly onChange: (schedule: Schedule, edit: CanaryEdit) => void;
}

export interface CanaryWatch {
  start(): void;
  readonly source: CanarySource;
  /** Resolves when all Canaries have been seen; rejects with the signal's reason, or when stopped before. */
  whenSynced(signal: AbortSignal): Promise<void>;
  synced(): boolean;
  /** Epoch milliseconds at which the API server last said anything on the quietest of the watches. */
  lastActivity(): number;
  stop(): Promise<void>;
}

type Projection = Schedule | undefined;

export function watchedCanaries(options: CanaryWatchOptions): CanaryWatch {
  const scopes = options.namespaces.length === 0 ? [undefined] : options.namespaces;
  const watches = scopes.map((namespace) => watchScope(namespace, options));
  function* values(): Iterable<Schedule> {
    for (const watch of watches) {
      for (const { value } of watch.values()) if (value !== undefined) yield value;
    }
  }
  const whenSynced = async (signal: AbortSignal): Promise<void> => {
    await Promise.all(watches.map((watch) => watch.whenSynced(signal)));
  };
  return {
    start: () => watches.forEach((watch) => watch.start()),
    source: async (signal) => {
      await whenSynced(signal);
      return values();
    },
    whenSynced,
    synced: () => watches.every((watch) => watch.synced()),
    lastActivity: () => Math.min(...watches.map((watch) => watch.lastActivity())),
    stop: async () => {
      await Promise.all(watches.map((watch) => watch.stop()));
    },
  };
}

function watchScope(namespace: string | undefined, options: CanaryWatchOptions): ListWatch<Projection> {
  const { namespaces: _all, followers, onChange, ...rest } = options;
  const watch: ListWatch<Projection> = createListWatch<Projection>({
    ...rest,
    namespace,
    resource: canaries,
    project: readSchedule,
    onAdd: ({ value, resourceVersion }) => {
      if (value === undefined) return;
      followers.put(value, undefined);
      if (watch.synced()) onChange(value, { kind: 'spec', resourceVersion });
    },
    onUpdate: (next, previous) => {
      if (next.value === undefined) return;
      followers.put(next.value, previous.value);
      const edit = editOf(next, previous);
      if (edit !== undefined) onChange(next.value, edit);
    },
    onDelete: ({ value }) => {
      if (value !== undefined) followers.remove(value);
    },
  });
  return watch;
}

function editOf(next: Watched<Projection>, previous: Watched<Projection>): CanaryEdit | undefined {
  const isNewSpec =
    next.value?.generation !== previous.value?.generation || next.value?.leaving !== previous.value?.leaving;
  const { resourceVersion } = next;
  if (isNewSpec) return { kind: 'spec', resourceVersion };
  return next.value?.wishes === previous.value?.wishes ? undefined : { kind: 'wishes', resourceVersion };
}
